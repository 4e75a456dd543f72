import { Client as PgClient } from 'pg'
import { connectDatabase, roleUrl, withSystem } from '#activities/database.ts'
import { createLog } from '#activities/log.ts'
import { deliverRound } from '#activities/automation/deliver.ts'
import { dispatchRound } from '#activities/runs/dispatch.ts'
import { forgetHistories } from '#activities/runs/forget.ts'
import { payloadStore } from '#activities/runs/store-payloads.ts'
import { projectClosed, sweepStale } from '#activities/runs/sweep.ts'
import { tenantOfRun } from '#activities/runs/store-steps.ts'
import { RunWatcher } from '#activities/runs/watch.ts'
import { forgetOld } from '#activities/system/forget.ts'
import { forgetSilentProcesses } from '#activities/system/store.ts'
import { dbRoles } from '#schemas/migrations/row-security.ts'
import { connectTemporal } from '#temporal/client.ts'
import { startTracing } from '#temporal/tracing.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { keyRing, platformEnv, readEnv } from '#schemas/config.ts'
import { beat } from '#activities/system/heartbeat.ts'
import { lifecycle, pause } from '#activities/lifecycle.ts'

const env = readEnv(platformEnv, process.env)
const log = createLog('projector', env.AUTERITY_LOG)
const { stopping, ready } = lifecycle(log)
const stopTracing = await startTracing('projector', env, log)
const keys = keyRing(env)
const db = connectDatabase({ databaseUrl: env.DATABASE_URL, key: env.AUTERITY_KEY, name: 'projector', max: 12 })
const payloads = payloadStore(db)
const temporal = connectTemporal({
  payloads,
  address: env.TEMPORAL_ADDRESS,
  namespace: env.TEMPORAL_NAMESPACE,
  apiKey: env.TEMPORAL_API_KEY,
  keys,
})
const projection = { db, temporal, payloads: new PayloadReader(keys, payloads), log }
const watcher = new RunWatcher(projection, log)

/** Repeats `work` until stopping: at once while it says there is more, else when woken or after `idle` ms. */
const loop = async (name: string, idle: number, work: () => Promise<boolean>, wake?: Wake): Promise<void> => {
  let faults = 0
  while (!stopping.aborted) {
    try {
      const more = await work()
      faults = 0
      if (!more) await (wake?.next(idle) ?? pause(idle, stopping))
    } catch (error) {
      faults++
      if (faults === 1) log.warn(`${name} failed; trying again`, { error: String(error) })
      await pause(Math.min(100 * 2 ** faults, 3000), stopping)
    }
  }
}

/** A bell: `ring` ends the current or the next `next`. */
class Wake {
  #rung = false
  #ring: (() => void) | undefined

  ring(): void {
    this.#rung = true
    this.#ring?.()
  }

  async next(ms: number): Promise<void> {
    if (!this.#rung) {
      const controller = new AbortController()
      this.#ring = () => controller.abort()
      await pause(ms, AbortSignal.any([controller.signal, stopping]))
      this.#ring = undefined
    }
    this.#rung = false
  }
}

const inbox = new Wake()
const arrivals = new Wake()

/** Listens for what changed (wakes the dispatcher) and for who looks at which run (feeds the watcher). */
const listen = async (): Promise<boolean> => {
  const client = new PgClient({
    connectionString: roleUrl(env.DATABASE_URL, env.AUTERITY_KEY, dbRoles.system),
    application_name: 'auterity projector ear',
    keepAlive: true,
  })
  const gone = new Promise<void>((resolve) => {
    client.on('end', resolve)
    client.on('error', () => resolve())
    stopping.addEventListener('abort', () => resolve(), { once: true })
  })
  client.on('notification', ({ channel, payload = '' }) => {
    if (channel === 'auterity_live') {
      if (/ (?:receipts|runs)$/.test(payload)) inbox.ring()
      else if (payload.endsWith(' deliveries')) arrivals.ring()
    } else void look(payload)
  })
  try {
    await client.connect()
    await client.query('listen auterity_live')
    await client.query('listen auterity_watch')
    inbox.ring()
    arrivals.ring()
    await gone
  } finally {
    await client.end().catch(() => {})
  }
  return true
}

const look = async (run: string): Promise<void> => {
  try {
    const known = await withSystem(db, (tx) => tenantOfRun(tx, run))
    if (known !== null && (known.phase === 'queued' || known.phase === 'running'))
      watcher.watch({ id: run, tenant: known.tenant })
  } catch (error) {
    log.debug('could not watch a run', { run, error: String(error) })
  }
}

let since = Date.now() - 24 * 3_600_000
const minute = 60_000
const loops = [
  loop('listening', 200, listen),
  loop('dispatch', 1000, () => dispatchRound({ db, temporal, log }), inbox),
  loop('telling', 1000, () => deliverRound({ db, temporal, log }), arrivals),
  loop('closing', 1000, async () => {
    since = await projectClosed(projection, since)
    return false
  }),
  loop('sweep', 15_000, async () => {
    await withSystem(db, (tx) => forgetSilentProcesses(tx, new Date(Date.now() - 10 * minute)))
    return (await sweepStale(projection, new Date(Date.now() - minute))) >= 50
  }),
  loop('forgetting', 10 * minute, () => forgetOld(db, new Date(), 1000, (runs) => forgetHistories(temporal, runs))),
]
const bye = beat(db, 'projector', () => ({ watching: watcher.watching }))
ready()
await Promise.all(loops)
await watcher.stop()
await bye()
await stopTracing()
await db.close()
await temporal.connection.close()
