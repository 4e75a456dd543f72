import { createContext } from 'svelte'
import type { Budget } from '#schemas/gateway/budgets.ts'
import type { Guardrail } from '#schemas/gateway/guardrails/index.ts'
import type { VirtualKey } from '#schemas/gateway/keys.ts'
import type { Provider } from '#schemas/gateway/providers.ts'
import type { ModelRequest } from '#schemas/gateway/requests.ts'
import type { ModelRoute } from '#schemas/gateway/routes.ts'
import { call } from '../call.ts'
import { LiveRows } from '../live/feed.svelte.ts'
import { byNewestId } from '../live/merge.ts'
import { Paged } from '../paged.svelte.ts'

const limit = 200

/** What the pages of the gateway have in common: each list is asked for once, whichever page shows or offers it. */
export class KnownModels {
  readonly providers = new Paged<Provider>((cursor, signal) =>
    call('GET /v1/gateway/providers', {}, { limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  )
  readonly routes = new Paged<ModelRoute>((cursor, signal) =>
    call('GET /v1/gateway/routes', {}, { limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  )
  readonly keys = new Paged<VirtualKey>((cursor, signal) =>
    call('GET /v1/gateway/keys', {}, { limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  )
  readonly budgets = new Paged<Budget>((cursor, signal) =>
    call('GET /v1/gateway/budgets', {}, { limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  )
  readonly guardrails = new Paged<Guardrail>((cursor, signal) =>
    call('GET /v1/gateway/guardrails', {}, { limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  )
  /** The newest requests, as they are written down. */
  readonly live = new LiveRows<ModelRequest>('requests', byNewestId)

  reload = (): void => {
    for (const list of [this.providers, this.routes, this.keys, this.budgets, this.guardrails]) void list.reload()
  }

  /** Whether all of it is known. */
  get ready(): boolean {
    return this.providers.ready && this.routes.ready && this.keys.ready && this.live.ready
  }
}

export const [knownModels, setKnownModels] = createContext<KnownModels>()
