import type { Databases } from './database.ts'
import type { Connectors } from './connectors/connect.ts'
import type { RunCode } from './automation/code-pool.ts'
import type { Gateway } from './gateway/complete.ts'
import type { Knowing, Relay } from './gateway/relay/index.ts'
import type { Outgoing } from './outgoing.ts'
import type { PayloadReader } from '#temporal/payloads.ts'
import type { Seal } from './seal.ts'

/** What activities are made with; one object per worker process. */
export type Deps = {
  db: Databases
  seal: Seal
  connectors: Connectors
  /** The address that people reach us by, for links. */
  url: string | undefined
  gateway: Gateway
  /** What answers at a tenant. */
  models: Knowing['models']
  /** Whom requests to models go through. */
  relay: Relay
  outgoing: Outgoing
  runCode: RunCode
  /** Reads histories that were kept. */
  payloads: PayloadReader
}
