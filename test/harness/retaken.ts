import type { Definition, JsonObject } from '#schemas/automation/definition.ts'
import { Engine } from '#schemas/automation/engine/engine.ts'
import { keyOf, type Host } from '#schemas/automation/engine/host.ts'
import type { EngineInput } from '#schemas/automation/engine/input.ts'
import type { EngineEnd } from '#schemas/automation/engine/state.ts'
import { Trace } from '#schemas/automation/engine/trace.ts'
import { VirtualHost } from '#schemas/automation/engine/virtual.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { Taking, type Step } from '#schemas/automation/taken.ts'
import { asText } from '#schemas/automation/value.ts'

/** A run on the simulated host, with all that is taken down of it and of the runs of its pages. */
export type Played = {
  end: EngineEnd
  trace: Trace
  pages: ReadonlyMap<string, Trace>
  vars: JsonObject
  /** Steps that reached outside, as `node#iteration`, in order. */
  reached: string[]
}

/** Plays a run; `fails` says at which steps the outside refuses, `seed` what it takes over. */
export async function playTaken(
  definition: Definition,
  fails: (step: string) => boolean = () => false,
  seed?: EngineInput['seed'],
  most?: number,
): Promise<Played> {
  const reached: string[] = []
  const traces = new Map<string, Trace>()
  const virtual = new VirtualHost(
    (step, _activity, input) => {
      reached.push(keyOf(step))
      const url = asText(input['url'] ?? null)
      return fails(keyOf(step))
        ? { ms: 5, fail: new Failure('planned', `${url} was refused.`) }
        : { ms: 1 + (url.length % 7), give: { status: 200, headers: {}, body: url } }
    },
    undefined,
    most,
  )
  const run = { id: 'run_1', startedAt: '1970-01-01T00:00:00Z' }
  const engineOf = (input: EngineInput): { engine: Engine; trace: Trace } => {
    const trace = new Trace()
    const host: Host = {
      now: () => virtual.now(),
      token: (parent) => virtual.token(parent),
      act: (...asked) => virtual.act(...asked),
      sleep: (...asked) => virtual.sleep(...asked),
      long: () => virtual.long(),
      changed: (change) => trace.changed(change, engine.vars),
      turned: (turn) => trace.turned(turn),
      child: async (step, start) => {
        if (!('page' in start)) throw new Failure('none', 'No children.')
        const page = JSON.parse(JSON.stringify(start.page)) as typeof start.page
        const made = engineOf({ definition, input: {}, run, page })
        const name = `page of ${keyOf(step)} from ${page.from}`
        traces.set(name, made.trace)
        trace.paged({ ...step, from: page.from, run: name })
        const end = await made.engine.run()
        if (end.end === 'completed') return end
        throw new Failure('child_failed', 'The page failed.')
      },
    }
    const engine = new Engine(kinds, input, host)
    return { engine, trace }
  }
  let input: EngineInput = { definition, input: {}, run, ...(seed === undefined ? {} : { seed }) }
  const whole = new Trace()
  for (;;) {
    const { engine, trace } = engineOf(input)
    const end = await virtual.until(engine.run())
    if (end.end !== 'carried_on')
      return { end, trace: most === undefined ? trace : whole, pages: traces, vars: engine.vars, reached }
    input = { ...input, state: JSON.parse(JSON.stringify(end.state)) as NonNullable<EngineInput['state']> }
    virtual.events = 0
  }
}

/** What the next run takes over when it begins at a step, as it would travel. */
export async function takeFrom(definition: Definition, before: Played, at: Step, undone: string[] = []) {
  const page = async (run: string) => {
    const trace = before.pages.get(run)
    return trace === undefined ? null : { trace, undone: new Set<string>() }
  }
  const taking = new Taking({ definition, at, undone: new Set(undone), whole: false, page }, before.trace)
  const seed = await taking.all(before.vars)
  return { seed: JSON.parse(JSON.stringify(seed)) as typeof seed, taken: taking.taken }
}

/** The step at which a run failed, in it or in one of its pages. */
export const failedIn = ({ trace, pages }: Played): Step => {
  for (const one of [...pages.values(), trace]) {
    const failed = one.changes.find(({ state, ports }) => state === 'failed' && ports === undefined)
    if (failed !== undefined) return { node: failed.node, iteration: failed.iteration }
  }
  throw new Error('It did not fail at a step.')
}
