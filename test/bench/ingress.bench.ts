import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { withSystem } from '#activities/database.ts'
import { testDatabase } from '#test/harness/database.ts'
import { startPlatform } from '#test/harness/platform.ts'
import { report, median, quantile } from './figure.ts'
import type { Load } from './load.ts'
import type { LoadOrder } from './load-child.ts'

/** Rounds of each arm at each width; the arms take turns, so that a machine that drifts drifts for both. */
const rounds = 5
/** Rounds before those, not counted: both arms get faster until their code is compiled, ours being the longer one. */
const warmUps = 3
const child = async (
  file: string,
  env: Record<string, string> = {},
): Promise<{ process: ChildProcess; port: number }> => {
  const process_ = fork(fileURLToPath(new URL(file, import.meta.url)), { env: { ...process.env, ...env } })
  const [{ port }] = (await once(process_, 'message')) as [{ port: number }]
  return { process: process_, port }
}

await using platform = await startPlatform({ processes: ['api'] })
await using floorDatabase = await testDatabase()
const floor = await child('./ingress-floor.ts', {
  FLOOR_DATABASE_URL: floorDatabase.url,
  FLOOR_SECRET: platform.hook.secret,
})
const driver = await child('./load-child.ts')

const ours = { port: Number(new URL(platform.url).port), path: new URL(platform.hook.url).pathname }
const theirs = { port: floor.port, path: '/hook' }
let sent = 0
const run = async (target: { port: number; path: string }, connections: number, count: number): Promise<Load> => {
  const order: LoadOrder = { ...target, secret: platform.hook.secret, connections, count, tag: `r${sent++}` }
  const answered = once(driver.process, 'message') as Promise<[Load]>
  driver.process.send(order)
  const [load] = await answered
  if (load.statuses['202'] !== count) throw new Error(`not all were accepted: ${JSON.stringify(load.statuses)}`)
  return load
}

let accepted = 0
for (const connections of [64, 250]) {
  const count = connections * 100
  for (let round = 0; round < warmUps; round++) {
    await run(ours, connections, count)
    await run(theirs, connections, count)
    accepted += count
  }
  const loads: { ours: Load[]; theirs: Load[] } = { ours: [], theirs: [] }
  for (let round = 0; round < rounds; round++) {
    loads.ours.push(await run(ours, connections, count))
    loads.theirs.push(await run(theirs, connections, count))
    accepted += count
  }
  const rate = (arm: Load[]) => median(arm.map((load) => load.perSecond))
  const p99 = (arm: Load[]) => median(arm.map((load) => quantile(load.milliseconds, 0.99)))
  const n = count * rounds
  const bench = 'ingress'
  report({
    bench,
    metric: `accepts_per_s_c${connections}`,
    value: rate(loads.ours),
    unit: '1/s',
    baseline: rate(loads.theirs),
    n,
  })
  report({
    bench,
    metric: `accept_p99_ms_c${connections}`,
    value: p99(loads.ours),
    unit: 'ms',
    baseline: p99(loads.theirs),
    n,
  })
}

const stored = await withSystem(platform.database.db, (tx) =>
  tx
    .selectFrom('inbox')
    .select((e) => e.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow(),
)
if (Number(stored.n) !== accepted) throw new Error(`${accepted} were accepted but ${stored.n} are stored`)
driver.process.kill()
floor.process.kill()
