import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { withTenant } from '#activities/database.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addGuardrail } from '#activities/gateway/store-guardrails.ts'
import { addPrice } from '#activities/gateway/store-prices.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import type { Limits, Subject, Unit } from '#schemas/gateway/budgets.ts'
import { optionsOf } from '#schemas/gateway/guardrails/kinds.ts'
import { createSeal } from '#activities/seal.ts'
import { testKey } from '#test/harness/database.ts'
import { startPlatform } from '#test/harness/platform.ts'
import { median, quantile, report } from './figure.ts'
import type { GatewayOrder } from './gateway-load.ts'
import type { Load } from './load.ts'
import { documentOf } from './steering-rules.ts'

const rounds = 5
const warmUps = 2
/** Of one clock tick of Linux, in microseconds (USER_HZ is 100). */
const tick = 10_000

const child = async (file: string, env: Record<string, string> = {}) => {
  const process_ = fork(fileURLToPath(new URL(file, import.meta.url)), { env: { ...process.env, ...env } })
  const [{ port }] = (await once(process_, 'message')) as [{ port: number }]
  return { process: process_, port }
}
/** The time that a process has spent on the cores so far, in microseconds. */
const cpuOf = async (pid: number): Promise<number> => {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * tick
}

/** What a process has in memory, in bytes. */
const memoryOf = async (pid: number): Promise<number> =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
/** By how much each value is above the one before, by least squares. */
const slopeOf = (values: readonly number[]): number => {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const above = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0)
  return above / values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
}

const upstream = await child('./gateway-upstream.ts')
const baseUrl = `http://127.0.0.1:${upstream.port}/v1`
const floor = await child('./gateway-floor.ts', { BENCH_UPSTREAM: baseUrl })
const bare = await child('./gateway-bare.ts', { BENCH_UPSTREAM: baseUrl })
const driver = await child('./gateway-load.ts')
await using platform = await startPlatform({
  processes: ['api'],
  env: { AUTERITY_OUTGOING_ALLOW: '127.0.0.1/32' },
})
const { db } = platform.database
const { key } = await withTenant(db, platform.ctx, async (tx) => {
  await addProvider(tx, platform.ctx, createSeal([testKey]), { kind: 'compatible', name: 'bench', baseUrl })
  const targets = [{ provider: 'bench', model: 'gpt-5-mini', weight: 1, priority: 0 }]
  // those besides `fast` are named by rules that do not hold
  for (const alias of ['fast', 'small', 'large', 'long']) await addRoute(tx, platform.ctx, { alias, targets })
  await addGuardrail(tx, platform.ctx, {
    name: 'pii',
    kind: 'pii',
    options: optionsOf('pii').parse({}) as object,
    everywhere: null,
  })
  await addPrice(tx, platform.ctx, { provider: 'bench', model: 'gpt-5-mini', input: 0.25, output: 2 })
  const made = await createVirtualKey(tx, platform.ctx, { name: 'Bench', models: null, tags: { store: 'north' } })
  // as many as a careful tenant has: none of them is ever in the way
  const set = (name: string, subject: Subject, unit: Unit, limits: Limits) =>
    addBudget(tx, platform.ctx, { name, subject, unit, limits, zone: 'America/Chicago' })
  await set('All', { kind: 'tenant' }, 'usd', [
    { per: 'day', limit: 1_000_000 },
    { per: 'month', limit: 1_000_000 },
  ])
  await set('Store', { kind: 'tag', tag: 'store', value: 'north' }, 'usd', [{ per: 'month', limit: 1_000_000 }])
  await set('Pace', { kind: 'key', key: made.id }, 'requests', [
    { per: 'minute', limit: 100_000_000 },
    { per: 'at_once', limit: 100_000 },
  ])
  await set('Tokens', { kind: 'key', key: made.id }, 'tokens', [{ per: 'minute', limit: 1_000_000_000_000 }])
  return made
})

const rules = { ...documentOf(100), name: 'Bench' }
const { body: policy } = await platform.post<{ id: string }>('/v1/steering/policies', { text: stringify(rules) })
const published = await platform.post(`/v1/steering/policies/${policy.id}/publish`, { revision: 1 })
if (published.status !== 200) throw new Error(`the rules are not in force: ${JSON.stringify(published.body)}`)

type Arm = { port: number; path: string; process: ChildProcess }
const arms = {
  direct: { port: upstream.port, path: '/v1', process: upstream.process },
  floor: { port: floor.port, path: '/v1', process: floor.process },
  bare: { port: bare.port, path: '/gateway/openai/v1', process: bare.process },
  full: { port: Number(new URL(platform.url).port), path: '/gateway/openai/v1', process: platform.newest('api') },
} satisfies Record<string, Arm>
type ArmName = keyof typeof arms

type Taken = Load & { cpu: number }
const run = async (
  arm: Arm,
  shape: Pick<GatewayOrder, 'connections' | 'count' | 'bytes' | 'stream'>,
): Promise<Taken> => {
  const before = await cpuOf(arm.process.pid ?? 0)
  const answered = once(driver.process, 'message') as Promise<[Load]>
  driver.process.send({ port: arm.port, path: arm.path, key, ...shape } satisfies GatewayOrder)
  const [load] = await answered
  if (load.statuses['200'] !== shape.count) throw new Error(`not all were answered: ${JSON.stringify(load.statuses)}`)
  return { ...load, cpu: ((await cpuOf(arm.process.pid ?? 0)) - before) / shape.count }
}

/** All arms in turns, so that a machine that drifts drifts for all of them. */
const measure = async (shape: Pick<GatewayOrder, 'connections' | 'count' | 'bytes' | 'stream'>) => {
  const taken: Record<ArmName, Taken[]> = { direct: [], floor: [], bare: [], full: [] }
  for (let round = -warmUps; round < rounds; round++)
    for (const [name, arm] of Object.entries(arms) as [ArmName, Arm][]) {
      const one = await run(arm, shape)
      if (round >= 0) taken[name].push(one)
    }
  return (name: ArmName, of: (one: Taken) => number) => median(taken[name].map(of))
}

const say = (metric: string, unit: string, n: number, value: number, baseline: number) =>
  report({ bench: 'gateway', metric, unit, n, value, baseline })
const at = (share: number) => (load: Load) => quantile(load.milliseconds, share)
const first = (load: Load) => quantile(load.firstMilliseconds, 0.5)
const arm = [
  ['', 'full'],
  ['_bare', 'bare'],
] as const

{
  const of = await measure({ connections: 1, count: 1500, bytes: 1000, stream: false })
  for (const share of [0.5, 0.95, 0.99])
    for (const [suffix, name] of arm) {
      const added = (which: ArmName) => of(which, at(share)) - of('direct', at(share))
      say(`added_p${share * 100}_ms_c1${suffix}`, 'ms', 1500 * rounds, added(name), added('floor'))
    }
}
{
  const count = 6000
  const of = await measure({ connections: 16, count, bytes: 1000, stream: false })
  for (const [suffix, name] of arm)
    say(
      `cpu_us_c16${suffix}`,
      'us',
      count * rounds,
      of(name, ({ cpu }) => cpu),
      of('floor', ({ cpu }) => cpu),
    )
  const ratio = of('bare', ({ cpu }) => cpu) / of('floor', ({ cpu }) => cpu)
  report({ bench: 'gateway', metric: 'cpu_floor_ratio_bare', unit: 'x', n: count * rounds, value: ratio })
}
{
  const count = 9000
  const of = await measure({ connections: 64, count, bytes: 1000, stream: false })
  for (const [suffix, name] of arm) {
    say(
      `rps_c64${suffix}`,
      '1/s',
      count * rounds,
      of(name, ({ perSecond }) => perSecond),
      of('floor', ({ perSecond }) => perSecond),
    )
    say(`p99_ms_c64${suffix}`, 'ms', count * rounds, of(name, at(0.99)), of('floor', at(0.99)))
  }
}
{
  const count = 1500
  const of = await measure({ connections: 16, count, bytes: 50_000, stream: false })
  for (const [suffix, name] of arm)
    say(
      `rps_50kb_c16${suffix}`,
      '1/s',
      count * rounds,
      of(name, ({ perSecond }) => perSecond),
      of('floor', ({ perSecond }) => perSecond),
    )
}
{
  const count = 320
  const of = await measure({ connections: 16, count, bytes: 1000, stream: true })
  for (const [suffix, name] of arm) {
    const added = (which: ArmName) => of(which, first) - of('direct', first)
    say(`added_ttft_p50_ms_c16${suffix}`, 'ms', count * rounds, added(name), added('floor'))
  }
}
{
  // memory by the ten thousand: what grows is seen in the second half, when all that is known and compiled is there
  const each = 10_000
  const turns = 10
  for (const name of ['floor', 'bare', 'full'] as const) {
    const sizes: number[] = []
    for (let turn = 0; turn < turns; turn++) {
      await run(arms[name], { connections: 16, count: each, bytes: 1000, stream: false })
      sizes.push(await memoryOf(arms[name].process.pid ?? 0))
    }
    const n = each * turns
    report({ bench: 'gateway', metric: `rss_mb_100k_${name}`, unit: 'MB', n, value: (sizes.at(-1) ?? 0) / 1e6 })
    const slope = slopeOf(sizes.slice(turns / 2)) / each
    report({ bench: 'gateway', metric: `rss_bytes_per_request_${name}`, unit: 'B', n: n / 2, value: slope })
  }
}
for (const { process: one } of [upstream, floor, bare, driver]) one.kill()
