// Brings the dependencies. Plain JavaScript: it runs before anything is installed, on any Node >= 20.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockInstall, noteWorker } from './install-lock.mjs'
import { halfInstalled, reasonFor, watchInstall } from './install-watch.mjs'

// Not `npm ci`: it refuses a lock file that lacks the binaries of a platform which the registry does not carry.
const npmArgs = [
  'install',
  '--no-save',
  '--package-lock',
  // somebody's settings or NODE_ENV=production would leave these out
  '--include=dev',
  '--include=optional',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=http',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
]

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

const lockFile = (root) => readFileSync(join(root, 'package-lock.json'))
const stampFile = (root) => join(root, 'node_modules/.auterity-lock')
const wanted = (root) => createHash('sha256').update(lockFile(root)).digest('hex')

/** Whether what package-lock.json asks for was installed whole. */
export const isInstalled = (root) => {
  try {
    return readFileSync(stampFile(root), 'utf8') === wanted(root)
  } catch {
    return false
  }
}

const lacksOwnPlatform = (root, packages) =>
  Object.entries(packages).some(
    ([path, { optional, os, cpu }]) =>
      optional &&
      [os ?? []].flat().includes(process.platform) &&
      [cpu ?? []].flat().includes(process.arch) &&
      !existsSync(join(root, path)),
  )

/** On a disk that is full to the brim npm cannot even say so. */
const isFull = (folder) => {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < 1_000_000
  } catch {
    return false
  }
}

/** Runs npm to its end; gives the sentence for why it failed, undefined when all is there. */
const runNpm = async (root, lock, started) => {
  const { packages } = JSON.parse(lockFile(root))
  const npm = spawn('npm', [...npmArgs, ...cacheArgs()], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  started(npm)
  if (npm.pid !== undefined) noteWorker(lock, npm.pid)
  let reason
  const watch = watchInstall(Object.keys(packages).length, (sentence) => {
    reason ??= sentence
    npm.kill('SIGKILL')
  })
  let said = ''
  npm.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
    watch.read(text)
  })
  const code = await new Promise((resolve) => {
    npm.on('error', () => resolve(1))
    npm.on('close', resolve)
  })
  watch.stop()
  if (reason !== undefined) return reason
  if (code === 0) return watch.hadFailures() && lacksOwnPlatform(root, packages) ? halfInstalled : undefined
  const rest = said.replaceAll(/^npm http .*\n?/gm, '').trim()
  if ([root, process.env.npm_config_cache ?? homedir()].some(isFull)) return reasonFor('ENOSPC')
  return reasonFor(rest) ?? `npm install failed:\n${rest}\nRun \`npm install\` by itself to see more.`
}

/**
 * Installs what package-lock.json asks for, one start at a time, and ends with its npm when it is told to end. Gives
 * the sentence for why it failed, undefined when all is there.
 */
export const install = async (root) => {
  const { error, stdout } = spawnSync('npm', ['--version'], { encoding: 'utf8' })
  if (error) return 'npm is not on PATH. Install Node.js with npm from https://nodejs.org and try again.'
  if (Number.parseInt(stdout, 10) < 9) return `npm ${stdout.trim()} is too old. Run \`npm install -g npm@11\`.`
  const lock = join(root, '.auterity-install')
  await lockInstall(lock, () => console.log('Another start is installing the dependencies; waiting for it…'))
  let npm
  const release = () => rmSync(lock, { force: true })
  const interrupt = () => {
    npm?.kill()
    process.exit(130)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  process.on('exit', release)
  for (const signal of signals) process.on(signal, interrupt)
  try {
    if (isInstalled(root)) return undefined
    console.log('Installing dependencies (once, about a minute)…')
    const reason = await runNpm(root, lock, (child) => (npm = child))
    if (reason === undefined) writeFileSync(stampFile(root), wanted(root))
    return reason
  } finally {
    release()
    process.off('exit', release)
    for (const signal of signals) process.off(signal, interrupt)
  }
}
