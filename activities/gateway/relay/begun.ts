import type { Caller } from '../store-known.ts'
import type { Way } from './account.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import type { Candidate } from './saying.ts'
import type { Tokens } from './usage.ts'

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
  Partial<Pick<Accounted, 'batch' | 'person' | 'replayOf' | 'usual' | 'trimmed' | 'steered' | 'guarded'>>

/** What goes to this one; what it costs and is charged for is still to be said. */
export function begunBy(
  { id, at, trimmed, guarded }: Pick<Accounted, 'id' | 'at' | 'guarded'> & { trimmed: Accounted['trimmed'] | null },
  { caller, asked, way }: { caller: Caller; asked: Asked; way: Way },
  { target, provider }: Candidate,
  tokens: Tokens,
): Begun {
  const { steered, usual } = way
  return {
    id,
    tenant: caller.tenant,
    at,
    key: caller.key,
    operation: asked.operation,
    asked: asked.model,
    alias: way.alias,
    provider: target.provider,
    kind: provider.kind,
    model: target.model,
    stream: asked.stream,
    tokens,
    price: null,
    charges: [],
    tags: steered?.tags ?? caller.tags,
    run: caller.run,
    ...(caller.batch !== undefined && { batch: caller.batch }),
    ...(caller.person !== undefined && { person: caller.person }),
    ...(caller.replays !== undefined && { replayOf: caller.replays.of }),
    ...(usual != null && { usual }),
    ...(steered !== null && { steered }),
    ...(trimmed != null && { trimmed }),
    ...(guarded !== null && { guarded }),
  }
}

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
