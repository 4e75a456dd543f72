import type { Accounted } from './account.ts'

/** A request that goes to a provider, as short as it can be said: it may cost so much at the most. */
export type Begun = Pick<
  Accounted,
  | 'id'
  | 'tenant'
  | 'at'
  | 'key'
  | 'operation'
  | 'asked'
  | 'alias'
  | 'provider'
  | 'kind'
  | 'model'
  | 'stream'
  | 'tokens'
  | 'price'
  | 'charges'
  | 'tags'
  | 'run'
> &
  Partial<Pick<Accounted, 'batch' | 'usual' | 'trimmed' | 'steered' | 'guarded'>>

/** How it is written down when nothing more was heard of it. */
export const lostOf = (begun: Begun): Accounted => ({
  outcome: 'lost',
  status: 500,
  failure: null,
  error: null,
  estimated: true,
  usual: null,
  saved: null,
  cache: null,
  budget: null,
  firstByteMs: null,
  totalMs: 0,
  overheadMs: 0,
  attempts:
    begun.provider === null || begun.model === null
      ? []
      : [{ provider: begun.provider, model: begun.model, at: 0, ms: 0 }],
  lost: [],
  steered: null,
  guarded: null,
  mends: null,
  ...begun,
})
