import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const script = join(import.meta.dirname, 'start.ts')
let home: string
let children: ChildProcess[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'auterity-start-'))
  chmodSync(home, 0o711) // the user who runs PostgreSQL for root has to get through
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

const run = (env: NodeJS.ProcessEnv, command = process.execPath, args = [script]) => {
  const child = spawn(command, args, {
    env: { ...process.env, AUTERITY_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let heard = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (heard += more))
  return { child, exit: once(child, 'close'), heard: () => heard }
}

const temporal = { TEMPORAL_ADDRESS: process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] ?? '' }

/** A server that takes a connection and never says a word. */
const silentDatabase = async (): Promise<{ server: Server; url: string; asked: Promise<unknown> }> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, url: `postgres://nobody:none@127.0.0.1:${port}/none`, asked: once(server, 'connection') }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it at once while it waits for a database',
  async (signal) => {
    const { server, url, asked } = await silentDatabase()
    const { child, exit, heard } = run({ ...temporal, DATABASE_URL: url })
    await asked
    child.kill(signal)
    expect(await exit).toEqual([0, null])
    expect(heard()).toMatch(/stopping; .*\(once more: by force\)\n(?:\w+ has stopped\n)*$/)
    expect(existsSync(join(home, 'run/supervisor.json'))).toBe(false)
    server.close()
  },
)

const small = ['-rm', 'sh', '-c', `mount -t tmpfs -o size=8m,mode=755 none "$AUTERITY_HOME" && exec "$0" "$@"`]
const mayMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0

test.skipIf(!mayMount)('on a full disk it says so before anything is half done', async () => {
  const { exit, heard } = run({}, 'unshare', [...small, process.execPath, script])
  expect(await exit).toEqual([1, null])
  expect(heard()).toMatch(/^The disk is full \(.+: 8 MB left\)\. Free about 1 GB and start again\.\n$/)
})
