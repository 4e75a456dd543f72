import type { Json, JsonObject } from '../definition.ts'
import type { Names } from '../expression.ts'
import { Stopped } from '../failure.ts'
import type { Page } from '../kind.ts'
import type { Engine } from './engine.ts'
import type { ChildStart, PageOf, StepRef, Token } from './host.ts'
import type { Undoing } from './state.ts'

/** What a page of a loop came to. */
type PageEnd = { output: Json[]; vars: JsonObject; undo: Undoing[]; heard?: number }

/** Begins another run for a step, once its own is not paused, and gives what that one came to. */
export function beginRun(engine: Engine, step: StepRef, token: Token, start: ChildStart): Promise<Json> {
  // open runs have to take the same turns: no promise more for them
  return engine.rules < 2
    ? engine.host.child(step, start, token, () => null)
    : beginUnpaused(engine, step, token, start)
}

async function beginUnpaused(engine: Engine, step: StepRef, token: Token, start: ChildStart): Promise<Json> {
  if (engine.paused) await held(engine, token)
  const { times } = engine.pause
  // paused while the run was asked for; one that a person let begin is not held back a second time
  const may = () => (engine.paused && engine.pause.times !== times ? held(engine, token) : null)
  return engine.host.child(step, start, token, may)
}

/** Resolves once something may begin. */
function held(engine: Engine, token: Token): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const begin = () => {
    if (engine.mayBegin(begin)) resolve()
  }
  begin()
  token.onStop(() => reject(new Stopped()))
  return promise
}

/** What the run of a page is told; what every run has of itself need not travel. */
export function pageOf(engine: Engine, { node, iteration }: StepRef, names: Names, page: Page): PageOf {
  const { input: _input, run: _run, vars: _vars, ...rest } = names
  const { items, from, concurrency, begun } = page
  const skips = engine.skips.ofTurns(iteration, { first: from + 1, last: from + items.length })
  return {
    node,
    iteration,
    items,
    from,
    concurrency,
    names: rest as JsonObject,
    vars: { ...engine.vars },
    ...(engine.variables.edited === 0 ? {} : { heard: engine.variables.edited }),
    ...(skips.length === 0 ? {} : { skips }),
    ...(begun === undefined ? {} : { begun }),
  }
}

export const pageEnd = (end: Json): PageEnd => end as PageEnd
