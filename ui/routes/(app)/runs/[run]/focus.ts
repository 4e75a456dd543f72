import { edgeId, titleOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import type { Step } from '#schemas/runs.ts'
import type { Selection } from '#ui/lib/automation/selection.ts'
import { keyOf, shownIteration } from '#ui/lib/automation/turns.ts'
import { pagedAround, type SeenNode, type Walked } from '#ui/lib/automation/walked.ts'

/** What is looked at of a run: a node in one of its turns with the steps it made, and the loop around it whose turns are runs of their own, or an edge with where it comes from. */
export type Focus =
  | {
      of: 'node'
      id: string
      node: Node
      iteration: string
      state: SeenNode | undefined
      steps: readonly Step[]
      paged: Node | undefined
    }
  | { of: 'edge'; id: string; edge: Edge; from: Node; to: Node; state: SeenNode | undefined }

export function focusOf(
  definition: Definition,
  selection: Selection | undefined,
  steps: readonly Step[],
  walked: Walked,
): Focus | undefined {
  if (selection === undefined) return undefined
  const nodeOf = (id: string) => definition.nodes.find((node) => node.id === id)
  if (selection.of === 'edge') {
    const edge = definition.edges.find((one) => edgeId(one) === selection.edge)
    const [from, to] = edge === undefined ? [] : [nodeOf(edge.from), nodeOf(edge.to)]
    if (edge === undefined || from === undefined || to === undefined) return undefined
    return { of: 'edge', id: selection.edge, edge, from, to, state: walked.nodes.get(edge.from) }
  }
  const where = selection.of === 'node' ? selection : steps.find((step) => step.id === selection.step)
  const node = where === undefined ? undefined : nodeOf(where.node)
  if (where === undefined || node === undefined) return undefined
  const iteration = where.iteration || failedIn(node.id, walked) || shownIteration(definition, node.id, walked.picks)
  const key = keyOf({ node: node.id, iteration })
  return {
    of: 'node',
    id: node.id,
    node,
    iteration,
    state: walked.all.get(key),
    steps: steps.filter((step) => keyOf(step) === key),
    paged: pagedAround(definition, node.id, steps),
  }
}

const failedIn = (id: string, { all }: Walked): string | undefined =>
  [...all.values()].findLast(({ node, state }) => node === id && state === 'failed')?.iteration

/** A click on the drawing as what is chosen: a node in the turn in which it is shown. */
export const selectionOf = (definition: Definition, id: string, walked: Walked): Selection =>
  definition.edges.some((edge) => edgeId(edge) === id)
    ? { of: 'edge', edge: id }
    : { of: 'node', node: id, iteration: shownIteration(definition, id, walked.picks) }

export const titleOfFocus = (focus: Focus | undefined): string =>
  focus === undefined
    ? 'The run'
    : focus.of === 'node'
      ? titleOf(focus.node)
      : `From ${titleOf(focus.from)} to ${titleOf(focus.to)}`
