import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startControl } from './control.ts'
import { nodePart } from './node-part.ts'
import { endLeftovers, record } from './process-records.ts'
import { startTimeOf } from './start-time.mjs'
import { type PartStatus, Supervisor } from './supervisor.ts'

let home: string
let closers: (() => unknown)[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'auterity-supervisor-'))
  closers = []
})

afterEach(async () => {
  for (const close of closers.toReversed()) await close()
  rmSync(home, { recursive: true, force: true })
})

const steady = `process.send({ ready: true }); process.once('disconnect', () => process.exit()); setInterval(() => {}, 1000)`

const part = (name: string, source: string) => {
  const script = join(home, `${name}.mjs`)
  writeFileSync(script, source)
  return nodePart({ name, script, home, env: {} })
}

const open = async (chance?: Parameters<typeof Supervisor.open>[2]): Promise<Supervisor> => {
  const supervisor = await Supervisor.open(home, () => {}, chance)
  closers.push(() => supervisor.stop())
  return supervisor
}

const until = async (supervisor: Supervisor, holds: (status: PartStatus) => boolean): Promise<PartStatus> => {
  for (;;) {
    const found = supervisor.list().find(holds)
    if (found) return found
    await once(supervisor, 'change')
  }
}

const bystander = (): ChildProcess => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  closers.push(() => child.kill('SIGKILL'))
  return child
}

test('who dies again and again rests longer each time, and after 30 s of life as briefly as at first', async () => {
  let now = 1_000_000
  const supervisor = await open({ now: () => now, random: () => 1 })
  await supervisor.up([part('one', steady)])
  const restAfter = async (lived: number): Promise<number> => {
    const { pid, restarts } = await until(supervisor, ({ state }) => state === 'up')
    now += lived
    process.kill(pid!, 'SIGKILL')
    const { backAt } = await until(
      supervisor,
      (status) => status.state === 'backing_off' && status.restarts === restarts,
    )
    return backAt! - now
  }
  expect([await restAfter(0), await restAfter(30_000), await restAfter(30_001), await restAfter(0)]).toEqual([
    250, 500, 250, 500,
  ])
})

test('a process that dies comes back as another one', async () => {
  const supervisor = await open()
  await supervisor.up([part('one', steady)])
  const before = await until(supervisor, ({ state }) => state === 'up')
  process.kill(before.pid!, 'SIGKILL')
  const resting = await until(supervisor, ({ state }) => state === 'backing_off')
  expect(resting).toMatchObject({ lastExit: { signal: 'SIGKILL' }, pid: null })
  const after = await until(supervisor, ({ state, restarts }) => state === 'up' && restarts === 1)
  expect(after.pid).not.toBe(before.pid)
})

test('how a process died, and what of, is said', async () => {
  const said: string[] = []
  const supervisor = await Supervisor.open(home, (line) => said.push(line), { now: Date.now, random: () => 0 })
  closers.push(() => supervisor.stop())
  const dies = `process.once('SIGUSR2', () => { throw new RangeError('out of luck') })`
  await supervisor.up([part('one', `${dies}; ${steady}`)])
  process.kill(supervisor.list()[0]!.pid!, 'SIGUSR2')
  await until(supervisor, ({ state, restarts }) => state === 'up' && restarts === 1)
  process.kill(supervisor.list()[0]!.pid!, 'SIGKILL')
  await until(supervisor, ({ state, restarts }) => state === 'backing_off' && restarts === 1)
  expect(said.filter((line) => line.includes('is down'))).toEqual([
    'one is down (exit code 1: out of luck), back in 0.1 s',
    'one is down (killed by SIGKILL), back in 0.3 s',
  ])
})

test('a process that cannot start at all is said so', async () => {
  const supervisor = await open()
  await expect(supervisor.up([part('broken', `console.log('too cold'); process.exit(3)`)])).rejects.toThrow(
    'The process broken ended before it was ready: too cold\n See ',
  )
  const thrown = part('thrown', `throw new TypeError('No CRM is configured.')`)
  await expect(supervisor.up([thrown])).rejects.toThrow('ended before it was ready: No CRM is configured. See ')
})

test('pulling the plug over HTTP keeps it dead for the time asked, then it is back', async () => {
  const supervisor = await open()
  await supervisor.up([part('one', steady)])
  const control = await startControl(supervisor, 'secret')
  closers.push(() => control.stop())
  const headers = { authorization: 'Bearer secret' }
  const pull = (seconds: number) =>
    fetch(`${control.url}/processes/one/kill`, { method: 'POST', headers, body: JSON.stringify({ seconds }) })
  expect((await fetch(`${control.url}/processes`)).status).toBe(401)
  expect((await pull(61)).status).toBe(422)
  const asked = Date.now()
  const pulled = await pull(1)
  expect(pulled.status).toBe(202)
  const { version, processes } = (await pulled.json()) as { version: number; processes: PartStatus[] }
  expect(processes).toMatchObject([{ name: 'one', state: 'pulled' }])
  const next = await fetch(`${control.url}/processes?wait=${version}`, { headers })
  expect(((await next.json()) as { version: number }).version).toBeGreaterThan(version)
  const back = await until(supervisor, ({ state, restarts }) => state === 'up' && restarts === 1)
  expect(back.since - asked).toBeGreaterThanOrEqual(1000)
})

test('what comes up while all is being stopped is stopped as well', async () => {
  const supervisor = await Supervisor.open(home, () => {})
  const real = part('late', steady)
  const asked = Promise.withResolvers<void>()
  const up = supervisor.up([{ ...real, start: async (...told) => (await asked.promise, real.start(...told)) }])
  const stopped = supervisor.stop()
  asked.resolve()
  await Promise.all([up, stopped])
  expect(supervisor.list()).toMatchObject([{ state: 'down', pid: null }])
})

test('who was started last is over before those it leans on are asked to stop', async () => {
  const supervisor = await Supervisor.open(home, () => {})
  await supervisor.up([part('inner', steady)])
  const inner = supervisor.list()[0]!.pid!
  const looks = `process.once('SIGTERM', () => { process.kill(${inner}, 0); process.exit(7) })`
  await supervisor.up([part('outer', `${looks}; ${steady}`)])
  await supervisor.stop()
  expect(supervisor.list()).toMatchObject([
    { name: 'inner', lastExit: { signal: 'SIGTERM' } },
    { name: 'outer', lastExit: { code: 7 } },
  ])
})

test('a second supervisor of the same home is refused', async () => {
  await open()
  await expect(Supervisor.open(home, () => {})).rejects.toThrow('Auterity already runs from')
})

test('what a killed supervisor left running is ended by the next one', async () => {
  const stubborn = join(home, 'stubborn.mjs')
  writeFileSync(stubborn, 'process.send({ ready: true }); setInterval(() => {}, 1000)')
  const main = join(home, 'main.ts')
  writeFileSync(
    main,
    `import { Supervisor } from '${join(import.meta.dirname, 'supervisor.ts')}'
     import { nodePart } from '${join(import.meta.dirname, 'node-part.ts')}'
     const supervisor = await Supervisor.open('${home}', () => {})
     await supervisor.up([nodePart({ name: 'left', script: '${stubborn}', home: '${home}', env: {} })])
     process.send(supervisor.list()[0].pid)`,
  )
  const first = spawn(process.execPath, [main], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [pid] = (await once(first, 'message')) as [number]
  first.kill('SIGKILL')
  await once(first, 'exit')
  expect(startTimeOf(pid)).toBeDefined()
  await open()
  expect(startTimeOf(pid)).toBeUndefined()
})

test('a process that merely has the recorded pid is left alone', async () => {
  const child = bystander()
  record(home, 'one', child.pid!, 'SIGTERM')
  const file = join(home, 'run', readdirSync(join(home, 'run'))[0]!)
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), startTime: '1' }))
  expect(await endLeftovers(home)).toEqual([])
  expect(startTimeOf(child.pid!)).toBeDefined()
})
