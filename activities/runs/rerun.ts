import type { Definition } from '#schemas/automation/definition.ts'
import type { Seed } from '#schemas/automation/engine/input.ts'
import type { Undone } from '#schemas/automation/engine/undo.ts'
import { anewFrom, outermost } from '#schemas/automation/reach.ts'
import type { RunOptions } from '#schemas/automation/run.ts'
import { Fault } from '#schemas/errors.ts'
import type { Walked } from './walk.ts'

/** Where the run failed, as the outermost node around it. */
export function failedAt({ definition, traced }: Walked): string {
  const node = traced.end?.end === 'failed' ? traced.end.failing.node : undefined
  const found = node === undefined ? undefined : outermost(definition, node)
  if (found === undefined) throw new Fault('not_possible', 'This run did not fail at a step; run it from its start.')
  return found.id
}

/** Refuses to begin at a node that the version which is to run has not. */
export function refuseWithout({ nodes }: Definition, node: string): void {
  if (nodes.some(({ id }) => id === node)) return
  throw new Fault('not_possible', `The version that is to run has no step “${node}”; run it from its start.`)
}

/**
 * What a new run takes over from this one when it begins at `node`: all that had settled and does not come after it, and
 * the variables as they were when the first that runs again began. What was undone since is not taken over, nor what came
 * after that. One that is given `another` input begins at its start with that.
 */
export function seedFrom(
  { definition, traced }: Walked,
  node: string,
  another = false,
): NonNullable<RunOptions['seed']> {
  const outer = outermost(definition, node)
  if (outer === undefined) throw new Fault('not_possible', `There is no node “${node}” in the version that ran.`)
  if (!traced.varsAt.has(outer.id))
    throw new Fault('not_possible', `The run never came to “${outer.title ?? outer.id}”.`)
  const anew = runsAgain({ definition, traced }, outer.id)
  const [, vars = {}] = [...traced.varsAt].find(([id]) => anew.has(id)) ?? []
  const nodes: Record<string, Seed> = {}
  for (const { node: id, iteration, state, ports, output, failing } of traced.changes) {
    if (iteration !== '0' || anew.has(id)) continue
    const drawn = definition.nodes.find((one) => one.id === id)
    if (drawn?.within !== undefined || (another && drawn?.kind === 'start')) continue
    if (state === 'skipped') nodes[id] = 'skipped'
    else if (ports !== undefined)
      nodes[id] = { ports, output: output ?? null, ...(failing === undefined ? {} : { failing }) }
  }
  return { nodes, vars }
}

/** All that runs again from a node on. What a step undid that is taken over itself stays undone, as it was meant. */
function runsAgain({ definition, traced }: Pick<Walked, 'definition' | 'traced'>, node: string): Set<string> {
  const { end } = traced
  const undone = new Set(end === null || !('undone' in end) ? [] : okIn(end.undone))
  for (;;) {
    const anew = anewFrom(definition, node, undone)
    const before = undone.size
    for (const { node: id, output } of traced.changes)
      if (anew.has(outermost(definition, id)?.id ?? id) && isCompensate(definition, id))
        for (const one of okIn(output)) undone.add(one)
    if (undone.size === before) return anew
  }
}

const isCompensate = ({ nodes }: Definition, id: string): boolean =>
  nodes.some((node) => node.id === id && node.kind === 'compensate' && node.with?.['do'] !== 'keep')

/** The steps of a list of what was undone that were. */
const okIn = (undone: unknown): string[] =>
  Array.isArray(undone) ? (undone as Undone[]).flatMap(({ node, ok }) => (ok ? [node] : [])) : []
