import type { Definition } from '#schemas/automation/definition.ts'
import { above, after, anewFrom, outermost } from '#schemas/automation/reach.ts'
import type { CanvasNode, Step } from '#schemas/runs.ts'

/** A step, in one of its turns. */
export type StepRef = Pick<CanvasNode, 'node' | 'iteration'>

/**
 * Where a run that is run again from a node begins, whether that is a block that runs again as a whole, the nodes whose
 * outputs are taken over, and those before it that run again because they were undone since.
 */
export function takenOver(
  definition: Definition,
  nodes: readonly CanvasNode[],
  from: string,
  undone: ReadonlySet<string> = new Set(),
): { begins: string; whole: boolean; taken: string[]; undone: string[] } {
  const begins = outermost(definition, from)?.id ?? from
  const anew = anewFrom(definition, begins, undone)
  const settled = new Set(nodes.filter((one) => one.iteration === '0' && one.ports.length > 0).map((one) => one.node))
  const taken = definition.nodes.filter(
    (node) => node.within === undefined && node.kind !== 'start' && settled.has(node.id) && !anew.has(node.id),
  )
  const again = definition.nodes.filter(({ id }) => undone.has(id) && !after(definition, begins).has(id))
  const block = definition.nodes.some((node) => node.within === begins)
  return { begins, whole: block, taken: taken.map((node) => node.id), undone: again.map((node) => node.id) }
}

/** Where a run failed: the innermost of the steps that failed for good last, in its turn. */
export function failedStep(definition: Definition, nodes: readonly CanvasNode[]): StepRef | undefined {
  const failed = nodes.filter((one) => one.state === 'failed' && one.ports.length === 0)
  const last = failed.at(-1)
  if (last === undefined) return undefined
  const around = outermost(definition, last.node)?.id
  const depth = ({ node }: StepRef) => above(definition, node).length
  return failed
    .filter((one) => outermost(definition, one.node)?.id === around)
    .toSorted((a, b) => depth(a) - depth(b))
    .at(-1)
}

/** The steps of a run that were undone since. */
export const undoneIn = (steps: readonly Pick<Step, 'node' | 'undoes' | 'state'>[]): Set<string> =>
  new Set(steps.flatMap(({ node, undoes, state }) => (undoes && state === 'completed' ? [node] : [])))
