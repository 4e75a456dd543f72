// Runs on whatever Node >= 20 the machine has, with nothing installed: brings the dependencies, then hands over to
// the project's own Node 24.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { constants as os, homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const verbs = ['start', 'test', 'verify', 'bench', 'new']
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.auterity-lock')
const installLock = join(root, '.auterity-install')

const fail = (sentence) => {
  console.error(sentence)
  process.exit(1)
}

const reasons = [
  [/ENOSPC/, 'The disk is full. Free about 2 GB and try again.'],
  [/EROFS|EACCES|EPERM/, 'This folder may not be written to. Clone into a folder that you own and try again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/,
    'The npm registry does not answer. Go online (behind a proxy: `npm config set proxy …`) and try again.',
  ],
  [
    /EUSAGE|lockfileVersion/,
    'package-lock.json does not match package.json, or npm is too old. Run `npm install -g npm@11`.',
  ],
]

const reasonFor = (text) => reasons.find(([pattern]) => pattern.test(text))?.[1]

const lockFile = () => readFileSync(join(root, 'package-lock.json'))

const wanted = () => createHash('sha256').update(lockFile()).digest('hex')

const isInstalled = () => {
  try {
    return readFileSync(stamp, 'utf8') === wanted()
  } catch {
    return false
  }
}

/** npm's cache needs a home to write to, which users like `nobody` do not have. */
const cacheArgs = () => {
  if (process.env.npm_config_cache) return []
  try {
    accessSync(homedir(), constants.W_OK)
    return []
  } catch {
    return ['--cache', join(tmpdir(), `auterity-npm-${process.getuid?.() ?? ''}`)]
  }
}

/** Says how far npm is: on a terminal in place, elsewhere a line at each quarter. */
const progress = (total) => {
  let fetched = 0
  let said = 0
  return (text) => {
    fetched += text.match(/^npm http (fetch GET 200|cache) /gm)?.length ?? 0
    const share = Math.min(1, fetched / total)
    if (process.stdout.isTTY) process.stdout.write(`\r  ${Math.floor(share * 100)} %`)
    else if (share >= said + 0.25) console.log(`  ${(said = Math.floor(share * 4) / 4) * 100} %`)
  }
}

let npm

const runNpm = async () => {
  // Not `npm ci`: it refuses a lock file that lacks the binaries of a platform which the registry does not carry.
  const args = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=http',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
  ]
  npm = spawn('npm', [...args, ...cacheArgs()], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  const show = progress(Object.keys(JSON.parse(lockFile()).packages).length)
  let said = ''
  npm.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
    show(text)
  })
  const code = await new Promise((resolve) => {
    npm.on('error', () => resolve(1))
    npm.on('close', resolve)
  })
  if (process.stdout.isTTY) process.stdout.write('\r')
  return { code, said: said.replaceAll(/^npm http .*\n?/gm, '').trim() }
}

const install = async () => {
  const { error, stdout } = spawnSync('npm', ['--version'], { encoding: 'utf8' })
  if (error) fail('npm is not on PATH. Install Node.js with npm from https://nodejs.org and try again.')
  if (Number.parseInt(stdout, 10) < 9) fail(`npm ${stdout.trim()} is too old. Run \`npm install -g npm@11\`.`)
  console.log('Installing dependencies (once, about a minute)…')
  const { code, said } = await runNpm()
  if (code !== 0) fail(reasonFor(said) ?? `npm install failed:\n${said}\nRun \`npm install\` by itself to see more.`)
  writeFileSync(stamp, wanted())
}

/** With the pid it names one process: a pid alone is used again (proc(5), field 22; ps elsewhere). */
const startTimeOf = (pid) => {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', pid], { encoding: 'utf8' }).trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

const read = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const isDead = (owner) => {
  const [pid, startTime] = owner.split(' ')
  return startTimeOf(pid) !== startTime
}

/** Takes the lock whole or not at all (a link appears with its content); false while somebody else has it. */
const takeLock = () => {
  const mine = `${installLock}.${process.pid}`
  try {
    writeFileSync(mine, `${process.pid} ${startTimeOf(process.pid)}`)
    linkSync(mine, installLock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') fail(reasonFor(error.code) ?? error.message)
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** One install at a time; the lock of a killed one is taken away. */
const installOnce = async () => {
  for (let told = false; !takeLock(); await delay(200)) {
    const owner = read(installLock)
    if (owner !== undefined && isDead(owner)) {
      const taken = `${installLock}.dead-${process.pid}`
      // Of several that find it dead, one moves it away.
      try {
        renameSync(installLock, taken)
      } catch {}
      rmSync(taken, { force: true })
    } else if (!told) {
      told = true
      console.log('Another start is installing the dependencies; waiting for it…')
    }
  }
  const release = () => rmSync(installLock, { force: true })
  const interrupt = () => {
    npm?.kill()
    process.exit(130)
  }
  process.on('exit', release)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt)
  if (!isInstalled()) await install()
  release()
  process.off('exit', release)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupt)
}

const node24 = () => {
  const binary = join(modules, `node-${process.platform}-${process.arch}`, 'bin/node')
  try {
    accessSync(binary, constants.X_OK)
    return binary
  } catch {
    if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath
    return fail(`npm has no Node 24 for ${process.platform} on ${process.arch}. Install Node 24 and try again.`)
  }
}

const [verb, ...args] = process.argv.slice(2)
if (Number.parseInt(process.versions.node, 10) < 20) {
  fail(`Node ${process.versions.node} is too old. Install Node 20 or newer from https://nodejs.org and try again.`)
}
if (!verbs.includes(verb)) fail(`Usage: bootstrap.mjs ${verbs.join('|')} [options]`)
if (!isInstalled()) await installOnce()

const node = node24()
const PATH = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter)
const settings = existsSync(join(root, '.env')) ? ['--env-file=.env'] : []
const script = join(root, `deploy/local/${verb}.ts`)
const child = spawn(node, [...settings, script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH },
})
// A Ctrl-C in the terminal reaches the child by itself; passing it on would count as the second one.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? 128 + os.signals[signal]))
