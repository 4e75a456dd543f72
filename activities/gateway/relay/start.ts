import type { Databases } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import type { Allowed } from '#activities/outgoing-address.ts'
import type { Seal } from '#activities/seal.ts'
import { isAway } from '#schemas/errors.ts'
import type { PlatformModel } from '#schemas/gateway/platform-model.ts'
import { platformModels } from '../platform-model.ts'
import { readStands } from '../store-budgets.ts'
import { writeHealth } from '../store-health.ts'
import { writeRequests } from '../store-requests.ts'
import type { Accounted } from './accounted.ts'
import type { StateChange } from './health.ts'
import { createBodies } from '../store-bodies.ts'
import { createSamples } from '../store-samples.ts'
import { createCacheStore } from '../store-cached.ts'
import { createLeases } from '../store-leases.ts'
import { Bank } from './bank.ts'
import { KeptBooks } from './books.ts'
import { GuardCounts, type GuardCount } from './guard-counts.ts'
import { Holder } from './holder.ts'
import { createRelay, type Observe, type Relay } from './index.ts'
import { Knowledge, type Changes } from './known.ts'
import { BatchLog, writeOrSort } from './log.ts'
import { Recordings } from './recording.ts'
import { Samples } from './sampling.ts'
import { Standing } from './standing.ts'
import { tellSpan } from './spans.ts'
import { leftSpools } from './spool-folder.ts'
import { replay, Spool } from './spool.ts'
import { createUpstream } from './upstream.ts'

/** How often it looks for what processes of this home have left that died, in ms. */
const sweepEvery = 5_000

/** Who counts what a relay does. */
export type Observer = { over: Observe; changed(change: StateChange): void }

export type Relaying = {
  relay: Relay
  /** Writes down all that is over, or rejects with why it cannot. */
  flush(): Promise<void>
  /** Writes down what processes of this home have left that died, and gives back what they held. */
  sweep(): Promise<void>
  /** What this process holds and could not keep. */
  figures(): { waiting: number; unspooled: number; unrecorded: number; unsampled: number }
  /** What guardrails did since this process began. */
  guarded(): readonly GuardCount[]
  close(): Promise<void>
}

/** A relay with all that it needs within one process; closing it writes down what is over. */
export function startRelay(parts: {
  db: Databases
  seal: Seal
  platformModel: PlatformModel | null
  changes: Changes | null
  allow: Allowed
  log: Log
  /** The folder that processes of one machine share. */
  home: string
  /** How long a provider may be silent in the midst of an answer, in ms. */
  silenceMs?: number
  /** The most requests that memory holds while the database is away; more wait on the disk. */
  mostWaiting?: number
  /** The most bytes of bodies that memory holds until they are written down. */
  mostRecorded?: number
  /** The most bytes of samples that memory holds until they are written down. */
  mostSampled?: number
  /** Is told of each request that is over, and of who is not well any more or is again. */
  observer?: Observer
}): Relaying {
  const {
    db,
    seal,
    platformModel,
    changes,
    allow,
    log,
    home,
    silenceMs,
    mostWaiting,
    mostRecorded,
    mostSampled,
    observer,
  } = parts
  const upstream = createUpstream({ allow, ...(silenceMs === undefined ? {} : { silenceMs }) })
  const leases = createLeases(db)
  const holder = new Holder(leases)
  const bank = new Bank(leases, holder, log)
  const spool = new Spool(home, holder.base)
  const write = async (rows: readonly Accounted[]) => {
    await writeRequests(db, rows, holder.name)
    books.written(rows)
  }
  const requests = new BatchLog<Accounted>(write, log, { elsewhere: spool, most: mostWaiting })
  const health = new BatchLog<StateChange>((rows) => writeHealth(db, rows), log)
  const guarded = new GuardCounts()
  const push = (row: Accounted) => {
    if (row.guarded !== null) guarded.count(row.guarded)
    requests.push(row)
  }
  const books = new KeptBooks({ bank, spool, push, log })
  const recordings = new Recordings(createBodies(db, seal), log, mostRecorded)
  const standing = new Standing((tenant) => readStands(db.system, tenant), bank.ledger, log)
  const samples = new Samples(createSamples(db, seal), { log, budgetOf: standing.of, most: mostSampled })
  const knowledge = new Knowledge({ db, seal, shared: platformModels(platformModel), changes, standing })
  const relay = createRelay({
    knowledge,
    upstream,
    books,
    answers: createCacheStore(db, seal),
    recordings,
    samples,
    budgetOf: standing.of,
    changed(change) {
      health.push(change)
      observer?.changed(change)
    },
    observe(...over) {
      tellSpan(...over)
      observer?.over(...over)
    },
    log,
  })
  changes?.on({
    heard: (tenant, topic) => {
      if (topic === 'gateway') bank.recall({ tenant })
      else if (topic.startsWith('recall:')) bank.recall({ budget: topic.slice('recall:'.length) })
    },
    opened: () => {},
  })

  let sweeping: Promise<void> | undefined
  const sweepOnce = async () => {
    for await (const { folder, name } of leftSpools(home)) {
      const count = await replay(folder, (rows) => writeOrSort((some) => writeRequests(db, some, name), rows, log))
      await leases.release(name)
      log.info('what a process had left is written down', { requests: count })
    }
  }
  const sweep = () => (sweeping ??= sweepOnce().finally(() => (sweeping = undefined)))
  const look = () =>
    void sweep().catch((error: unknown) => {
      if (!isAway(error)) log.error('what a process has left could not be written down', { error })
    })
  const timer = setInterval(look, sweepEvery)
  timer.unref()
  look()

  return {
    relay,
    async flush() {
      await requests.flush()
      await health.flush()
      await recordings.flush()
      await samples.flush()
    },
    sweep,
    guarded: () => guarded.all,
    figures: () => ({
      waiting: requests.waiting,
      unspooled: books.unspooled,
      unrecorded: recordings.lost,
      unsampled: samples.lost,
    }),
    async close() {
      clearInterval(timer)
      await relay.close()
      await upstream.close()
      await sweeping?.catch(() => {})
      await health.flush().catch(() => {})
      await recordings.flush().catch(() => {})
      await samples.flush().catch(() => {})
      const isWhole = await requests.flush().then(
        () => true,
        () => false,
      )
      await spool.close()
      if (isWhole) await bank.close()
      else bank.stop()
    },
  }
}
