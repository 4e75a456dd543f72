// Runs on whatever Node >= 20 the machine has, with nothing installed: brings the dependencies, then hands over to
// the project's own Node 24.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { constants as os } from 'node:os'
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
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/,
    'The npm registry does not answer. Go online and try again.',
  ],
  [
    /EUSAGE|lockfileVersion/,
    'package-lock.json does not match package.json, or npm is too old. Run `npm install -g npm@11`.',
  ],
]

const wanted = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')

const isInstalled = () => {
  try {
    return readFileSync(stamp, 'utf8') === wanted()
  } catch {
    return false
  }
}

const install = () => {
  const npm = spawnSync('npm', ['--version'], { encoding: 'utf8' })
  if (npm.error) fail('npm is not on PATH. Install Node.js with npm from https://nodejs.org and try again.')
  if (Number.parseInt(npm.stdout, 10) < 9) fail(`npm ${npm.stdout.trim()} is too old. Run \`npm install -g npm@11\`.`)
  console.log('Installing dependencies (once, about a minute)…')
  // not `npm ci`: it refuses a lock file that lacks binaries of platforms this registry does not carry
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  if (status !== 0) {
    const reason = reasons.find(([pattern]) => pattern.test(stderr))?.[1]
    fail(reason ?? `npm install failed:\n${stderr}\nRun \`npm ci\` by itself to see more.`)
  }
  writeFileSync(stamp, wanted())
}

/** One install at a time: a folder is made by exactly one of several that try; one older than 15 minutes is dead. */
const installOnce = async () => {
  for (;;) {
    try {
      mkdirSync(installLock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') fail(reasons.find(([pattern]) => pattern.test(error.code))?.[1] ?? error.message)
      const made = statSync(installLock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
      if (Date.now() - made > 15 * 60_000) rmdirSync(installLock)
      else await delay(500)
    }
  }
  process.on('exit', () => rmdirSync(installLock))
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))
  if (!isInstalled()) install()
  rmdirSync(installLock)
  process.removeAllListeners('exit')
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
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
const script = join(root, `deploy/local/${verb}.ts`)
const child = spawn(node, [script, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, PATH } })
// A Ctrl-C in the terminal reaches the child by itself; passing it on would count as the second one.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? 128 + os.signals[signal]))
