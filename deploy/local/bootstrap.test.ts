import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from '#test/harness/repository.ts'
import { until } from '#test/harness/until.ts'
import { freePort } from './ports.ts'
import { startTimeOf } from './start-time.mjs'

let clone: string
let children: ChildProcess[]
let silent: Server

/** A clone as npm finds it: what is there before anything is installed. */
beforeEach(async () => {
  clone = mkdtempSync(join(tmpdir(), 'auterity-clone ü '))
  children = []
  mkdirSync(join(clone, 'deploy/local'), { recursive: true })
  const scripts = readdirSync(join(root, 'deploy/local')).filter((name) => name.endsWith('.mjs'))
  const files = ['package.json', 'package-lock.json', '.npmrc', ...scripts.map((name) => `deploy/local/${name}`)]
  for (const file of files) cpSync(join(root, file), join(clone, file))
  silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  silent.close()
  rmSync(clone, { recursive: true, force: true })
})

const registry = (port: number) => ({
  npm_config_registry: `http://127.0.0.1:${port}/`,
  npm_config_cache: join(clone, 'cache'),
})
const bootstrap = (env: NodeJS.ProcessEnv, ...nodeArgs: string[]) => {
  const args = [...nodeArgs, join(clone, 'deploy/local/bootstrap.mjs'), 'bench']
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let heard = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (heard += more))
  const exit = once(child, 'close')
  return { child, exit, heard: () => heard, said: exit.then(() => heard) }
}
const silentRegistry = () => registry((silent.address() as AddressInfo).port)
const lock = () => join(clone, '.auterity-install')
const npmOf = (): number => Number.parseInt(readFileSync(lock(), 'utf8').split('\n')[1] ?? '', 10)
const installing = (except?: number) =>
  until('npm runs', async () => existsSync(lock()) && Number.isInteger(npmOf()) && npmOf() !== except)

test('without a network it says so, and ends with the next thing to try', async () => {
  const { exit, said } = bootstrap(registry(await freePort()))
  expect(await said).toMatch(
    /does not answer \(ECONNREFUSED\); still trying…\nThe npm registry does not answer\. Go online/,
  )
  expect(await exit).toEqual([1, null])
  expect(existsSync(lock())).toBe(false)
})

test('a registry that takes the call and says nothing is said so; stopping ends npm too', async () => {
  const { child, exit, heard } = bootstrap(silentRegistry())
  await installing()
  const npm = npmOf()
  await until('it says so', async () => heard().includes('does not answer yet; still trying…'))
  child.kill('SIGTERM')
  expect(await exit).toEqual([130, null])
  await until('npm is gone', async () => startTimeOf(npm) === undefined)
  expect(existsSync(lock())).toBe(false)
})

test('the npm of a start that was killed is ended before the next one installs', async () => {
  const first = bootstrap(silentRegistry())
  await installing()
  const left = npmOf()
  first.child.kill('SIGKILL')
  await first.exit
  expect(startTimeOf(left)).toBeDefined()
  const second = bootstrap(silentRegistry())
  await installing(left)
  expect(startTimeOf(left)).toBeUndefined()
  second.child.kill('SIGTERM')
  await second.exit
})

test('two starts at once: one installs, the other waits for it', async () => {
  const first = bootstrap(silentRegistry())
  await installing()
  const second = bootstrap(silentRegistry())
  await until(
    'it says so',
    async () => second.heard() === 'Another start is installing the dependencies; waiting for it…\n',
  )
  for (const { child, exit } of [second, first]) {
    child.kill('SIGTERM')
    await exit
  }
})

/** Lets Node say that it is another one, on another machine. */
const pretend = (platform: string, arch: string, version: string): string[] => {
  const lies = { platform, arch, versions: { ...process.versions, node: version } }
  const source = Object.entries(lies).map(
    ([key, value]) => `Object.defineProperty(process, '${key}', { value: ${JSON.stringify(value)} })`,
  )
  writeFileSync(join(clone, 'pretend.mjs'), source.join('\n'))
  return ['--import', `file://${encodeURI(join(clone, 'pretend.mjs'))}`]
}

test.each([
  ['win32', 'x64', '24.0.0', 'Auterity does not run on Windows itself. Install WSL 2'],
  ['darwin', 'arm64', '22.0.0', 'npm has no Node 24 for darwin-arm64, and this is Node 22.0.0. Install Node 24'],
  ['linux', 'x64', '18.0.0', 'Node 18.0.0 is too old. Install Node 20 or newer'],
])('on %s %s with Node %s it says what to do before it installs', async (platform, arch, version, sentence) => {
  const { exit, said } = bootstrap({}, ...pretend(platform, arch, version))
  expect(await said).toContain(sentence)
  expect(await exit).toEqual([1, null])
})

test('where npm has no Node 24, the one that the machine has does it', async () => {
  const wanted = createHash('sha256')
    .update(readFileSync(join(clone, 'package-lock.json')))
    .digest('hex')
  mkdirSync(join(clone, 'node_modules'))
  writeFileSync(join(clone, 'node_modules/.auterity-lock'), wanted)
  writeFileSync(join(clone, 'deploy/local/bench.ts'), 'console.log(`runs on ${process.execPath}`)')
  const { said } = bootstrap({}, ...pretend('darwin', 'arm64', process.versions.node))
  expect(await said).toBe(`runs on ${process.execPath}\n`)
})
