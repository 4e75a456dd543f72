import type { Databases } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import type { Allowed } from '#activities/outgoing-address.ts'
import type { Seal } from '#activities/seal.ts'
import type { PlatformModel } from '#schemas/gateway/platform-model.ts'
import { platformModels } from '../platform-model.ts'
import { writeHealth } from '../store-health.ts'
import { writeRequests } from '../store-requests.ts'
import type { Accounted } from './account.ts'
import type { StateChange } from './health.ts'
import { createRelay, type Relay } from './index.ts'
import { Knowledge, type Changes } from './known.ts'
import { BatchLog } from './log.ts'
import { createUpstream } from './upstream.ts'

/** A relay with all that it needs within one process; closing it writes down what is over. */
export function startRelay(parts: {
  db: Databases
  seal: Seal
  platformModel: PlatformModel | null
  changes: Changes | null
  allow: Allowed
  log: Log
  /** How long a provider may be silent in the midst of an answer, in ms. */
  silenceMs?: number
}): { relay: Relay; flush(): Promise<void>; close(): Promise<void> } {
  const { db, seal, platformModel, changes, allow, log, silenceMs } = parts
  const upstream = createUpstream({ allow, ...(silenceMs === undefined ? {} : { silenceMs }) })
  const requests = new BatchLog<Accounted>((rows) => writeRequests(db, rows), log)
  const health = new BatchLog<StateChange>((rows) => writeHealth(db, rows), log)
  const knowledge = new Knowledge(db, seal, platformModels(platformModel), changes)
  const relay = createRelay({
    knowledge,
    upstream,
    write: (row) => requests.push(row),
    changed: (change) => health.push(change),
    log,
  })
  return {
    relay,
    /** Writes down all that is over, or rejects with why it cannot. */
    async flush() {
      await requests.flush()
      await health.flush()
    },
    async close() {
      relay.close()
      await upstream.close()
      for (const waiting of [requests, health]) await waiting.flush().catch(() => {})
    },
  }
}
