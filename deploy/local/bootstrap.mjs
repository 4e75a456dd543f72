// Runs on whatever Node >= 20 the machine has, with nothing installed: brings the dependencies, then hands over to
// the project's own Node 24.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install, isInstalled } from './install.mjs'
import { reasonFor } from './install-watch.mjs'

const verbs = ['start', 'test', 'verify', 'bench', 'new', 'automation']
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const modules = join(root, 'node_modules')
const platform = `${process.platform}-${process.arch}`
const ownMajor = Number.parseInt(process.versions.node, 10)

const fail = (sentence) => {
  console.error(sentence)
  process.exit(1)
}

/** npm has no Node 24 for some platforms: there the machine's own has to do. Asked before anything is fetched. */
const checkPlatform = () => {
  if (ownMajor < 20) {
    fail(`Node ${process.versions.node} is too old. Install Node 20 or newer from https://nodejs.org and try again.`)
  }
  if (process.platform === 'win32') {
    fail('Auterity does not run on Windows itself. Install WSL 2 (`wsl --install`), clone there and try again.')
  }
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (optionalDependencies[`node-${platform}`] === undefined && ownMajor < 24) noNode(`npm has no Node 24 for`)
}

const noNode = (what) =>
  fail(`${what} ${platform}, and this is Node ${process.versions.node}. Install Node 24 or newer and try again.`)

/** The project's Node, where it is there and runs (it needs glibc), else the machine's own. */
const node24 = () => {
  const binary = join(modules, `node-${platform}`, 'bin/node')
  if (spawnSync(binary, ['--version'], { stdio: 'ignore' }).status === 0) return binary
  return ownMajor >= 24 ? process.execPath : noNode('The Node 24 that npm has does not run on this')
}

const [verb, ...args] = process.argv.slice(2)
checkPlatform()
if (!verbs.includes(verb)) fail(`Usage: bootstrap.mjs ${verbs.join('|')} [options]`)
if (!isInstalled(root)) {
  const reason = await install(root).catch((error) => reasonFor(error.code) ?? error.message)
  if (reason !== undefined) fail(reason)
}

const node = node24()
const PATH = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter)
const settings = existsSync(join(root, '.env')) ? ['--env-file=.env'] : []
const script = join(root, `deploy/local/${verb}.ts`)
const child = spawn(node, [...settings, script, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH },
})
// A Ctrl-C in the terminal reaches the child by itself.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? 128 + os.signals[signal]))
