import type { Seed } from '#schemas/automation/engine/input.ts'
import { after, outermost } from '#schemas/automation/reach.ts'
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

/**
 * What a new run takes over from this one when it begins at `node`: all that had settled and does not come after it, and
 * the variables as they were when it began. One that is given `another` input begins at its start with that.
 */
export function seedFrom(
  { definition, traced }: Walked,
  node: string,
  another = false,
): NonNullable<RunOptions['seed']> {
  const outer = outermost(definition, node)
  if (outer === undefined) throw new Fault('not_possible', `There is no node “${node}” in the version that ran.`)
  const vars = traced.varsAt.get(outer.id)
  if (vars === undefined) throw new Fault('not_possible', `The run never came to “${outer.title ?? outer.id}”.`)
  const anew = after(definition, outer.id)
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
