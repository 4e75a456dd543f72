import type { Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import type { Relay } from '#activities/gateway/relay/index.ts'
import type { Log } from '#activities/log.ts'
import type { Outgoing } from '#activities/outgoing.ts'
import type { Seal } from '#activities/seal.ts'
import type { Fault } from '#schemas/errors.ts'
import type { PlatformModel } from '#schemas/gateway/platform-model.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { GatewayFigures } from './gateway/observe.ts'

/** What the API is made with; tests make it with their own. */
export type ApiDeps = {
  db: Databases
  temporal: Client
  seal: Seal
  outgoing: Outgoing
  log: Log
  /** Keys of payloads, for reading histories. */
  keys: readonly [string, ...string[]]
  /** Where people reach it, without a trailing slash: cookies, links and the origin check follow from it. */
  url: string
  demo: boolean
  /** How often a live line asks whether its credential is still good, in ms. */
  recheckEveryMs: number
  sandboxUrl: string | undefined
  /** The model that all tenants share. */
  platformModel: PlatformModel | null
  /** What models are asked through. */
  relay: Relay
  /** What was counted of requests to models in this process. */
  figures: GatewayFigures
  supervisor: { url: string; token: string } | undefined
}

export type ApiEnv = {
  Variables: {
    requestId: string
    ctx: Context | undefined
    /** Why the request has no `ctx`, where it did try to have one. */
    refused: Fault | undefined
    session: { id: string; user: string } | undefined
  }
}
