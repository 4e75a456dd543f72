import type { Definition, Edge, Json, Node } from '#schemas/automation/definition.ts'
import { Engine } from '#schemas/automation/engine/engine.ts'
import type { ChildStart } from '#schemas/automation/engine/host.ts'
import type { EngineInput } from '#schemas/automation/engine/input.ts'
import type { EngineEnd } from '#schemas/automation/engine/state.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { asText } from '#schemas/automation/value.ts'
import { VirtualHost } from '#schemas/automation/engine/virtual.ts'

export const http = (id: string, more: Partial<Node> = {}): Node => ({ id, kind: 'http', with: { url: id }, ...more })
export const definition = (nodes: Node[], edges: Edge[], more: Partial<Definition> = {}): Definition => ({
  format: 1,
  name: 'test',
  nodes,
  edges,
  ...more,
})
export const chain = (...ids: string[]): Edge[] => ids.slice(1).map((to, at) => ({ from: ids[at] as string, to }))

/** What the pretend address does: how long it takes, what it gives, whether it fails. */
export type Told = { ms?: number; give?: Json; fail?: string }
/** Plays a definition on a simulated host: time passes at once, `told` says what each address does. */
export const play = async (
  def: Definition,
  told: (url: string, step: string) => Told = () => ({}),
  more: Partial<EngineInput> = {},
  during?: (engine: Engine, host: VirtualHost, pages: readonly Engine[]) => void,
  most?: number,
  others: Readonly<Record<string, Definition>> = {},
) => {
  let engines = 0
  const starts: ChildStart[] = []
  const pages: Engine[] = []
  const host: VirtualHost = new VirtualHost(
    ({ node, iteration }, activity, input) => {
      if (activity !== 'http.request') return { ms: 1, give: null }
      const { ms = 10, give, fail } = told(asText(input['url'] ?? null), `${node}#${iteration}`)
      return fail === undefined
        ? { ms, give: give ?? { status: 200, headers: {}, body: input['url'] as Json } }
        : { ms, fail: new Failure(fail, `It said ${fail}.`) }
    },
    async (_step, start) => {
      starts.push(start)
      const other = 'page' in start ? undefined : others[start.automation]
      if (!('page' in start) && other === undefined) {
        const { fail, give } = told(start.automation, `try ${start.attempt ?? 1}`)
        if (fail !== undefined) throw new Failure(fail, `It said ${fail}.`)
        return { run: 'run_2', outcome: null, output: give ?? null }
      }
      const input =
        'page' in start
          ? { ...base, page: start.page }
          : { ...base, definition: other ?? def, input: start.input, run: { ...base.run, id: 'run_2' } }
      const child = new Engine(kinds, input, host)
      if ('page' in start) pages.push(child)
      const end = await child.run()
      if (end.end === 'failed') throw new Failure(end.failing.code, end.failing.message)
      if (end.end !== 'completed') throw new Failure('child_failed', 'The page failed.')
      return end
    },
    most,
  )
  const base: EngineInput = {
    definition: def,
    input: {},
    run: { id: 'run_1', startedAt: '1970-01-01T00:00:00Z' },
    ...more,
  }
  let input = base
  let end: EngineEnd
  for (;;) {
    engines++
    const engine = new Engine(kinds, input, host)
    if (engines === 1) during?.(engine, host, pages)
    end = await host.until(engine.run())
    if (end.end !== 'carried_on') break
    input = { ...base, state: JSON.parse(JSON.stringify(end.state)) as NonNullable<EngineInput['state']> }
    host.events = 0
  }
  return { end, host, engines, starts, begun: host.acts.filter((act) => act.includes('http.request')) }
}
