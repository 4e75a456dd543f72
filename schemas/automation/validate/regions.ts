import { edgeId, portOf, titleOf, type Edge, type Node } from '../definition.ts'
import type { Change, Fix, Problem } from '../problem.ts'
import { reach, type Drawing } from './drawing.ts'
import { freeId } from './ids.ts'

/** Each part of the graph by itself: where it begins, that all of it is reached, that it goes on and ends. */
export function regionProblems(drawing: Drawing): Problem[] {
  const reached = new Set<string>()
  for (const id of reach(
    drawing,
    starts(drawing).map((node) => node.id),
  ))
    reached.add(id)
  const bodies = drawing.nodes.flatMap((node) => bodyProblems(drawing, node, reached))
  return [
    ...startProblems(drawing),
    ...endProblems(drawing),
    ...bodies,
    ...unreachable(drawing, reached),
    ...cycles(drawing),
  ]
}

const removal = (node: Node): Fix => ({
  title: `Remove “${titleOf(node)}”`,
  apply: [{ do: 'remove_node', node: node.id }],
})

const starts = (drawing: Drawing): Node[] => drawing.inside(undefined).filter((node) => node.kind === 'start')

const startProblems = (drawing: Drawing): Problem[] => {
  const [first, ...more] = starts(drawing)
  const misplaced = drawing.nodes.filter((node) => node.kind === 'start' && node.within !== undefined)
  const several = (node: Node, message: string): Problem => ({
    code: 'several_starts',
    level: 'error',
    node: node.id,
    message,
    fix: removal(node),
  })
  return [
    ...(first === undefined ? [noStart(drawing)] : []),
    ...more.map((node) => several(node, 'An automation has one start; this is another.')),
    ...misplaced.map((node) => several(node, 'A start stands outside of all blocks.')),
  ]
}

const noStart = (drawing: Drawing): Problem => {
  const firsts = drawing.inside(undefined).filter((node) => drawing.into(node.id).length === 0)
  const id = freeId(drawing.definition.nodes, 'start')
  const [first] = firsts
  const at = first?.at === undefined ? {} : { at: { x: first.at.x - 280, y: first.at.y } }
  const apply: Change[] = [
    { do: 'add_node', node: { id, kind: 'start', ...at }, at: 0 },
    ...(firsts.length === 1 && first !== undefined
      ? [{ do: 'add_edge' as const, edge: { from: id, to: first.id } }]
      : []),
  ]
  return {
    code: 'no_start',
    level: 'error',
    message: 'Nothing says where a run begins.',
    fix: { title: 'Add a start', apply },
  }
}

const endProblems = (drawing: Drawing): Problem[] => {
  if (drawing.nodes.some((node) => node.kind === 'end')) return []
  const id = freeId(drawing.definition.nodes, 'end')
  const tails = drawing
    .inside(undefined)
    .filter((node) => drawing.from(node.id).length === 0 && drawing.ports(node).some((port) => port.body !== true))
  const place = tails.at(-1)?.at
  const edges = tails.flatMap((node): Edge[] => {
    const ways = drawing.ports(node).filter((port) => port.body !== true)
    if (ways.some((port) => port.id === 'out')) return [{ from: node.id, to: id }]
    return ways.map((port) => ({ from: node.id, port: port.id, to: id }))
  })
  const otherwise = drawing
    .inside(undefined)
    .filter((node) => !tails.includes(node) && drawing.ports(node).some((port) => port.id === 'else'))
    .filter((node) => !drawing.from(node.id).some((edge) => edge.port === 'else'))
    .map((node): Edge => ({ from: node.id, port: 'else', to: id }))
  const at = place === undefined ? {} : { at: { x: place.x + 280, y: place.y } }
  return [
    {
      code: 'no_end',
      level: 'error',
      message: 'No run of it comes to an end that says what it came to.',
      fix: {
        title: 'Add an end',
        apply: [
          { do: 'add_node', node: { id, kind: 'end', ...at } },
          ...[...otherwise, ...edges].map((edge) => ({ do: 'add_edge' as const, edge })),
        ],
      },
    },
  ]
}

/** What hangs on the body ports of a container; all that is reached goes into `reached`. */
const bodyProblems = (drawing: Drawing, node: Node, reached: Set<string>): Problem[] => {
  const bodies = drawing.ports(node).filter((port) => port.body === true)
  const seen = new Map<string, string>()
  return bodies.flatMap((port): Problem[] => {
    const entries = drawing.entries(node.id, port.id)
    const here = reach(
      drawing,
      entries.map((edge) => edge.to),
    )
    const problems: Problem[] = []
    if (here.size === 0)
      problems.push({
        code: 'empty_body',
        level: 'error',
        node: node.id,
        message: `Nothing hangs on “${port.title}” of “${titleOf(node)}”.`,
      })
    for (const id of here) {
      reached.add(id)
      const other = seen.get(id)
      const inner = drawing.byId.get(id)
      const ways = [
        ...drawing.into(id).filter((edge) => here.has(edge.from)),
        ...entries.filter((edge) => edge.to === id),
      ]
      // the node where they meet is the one that this branch comes to by an edge the other does not have
      const [own] = ways.filter((edge) => edge.from === node.id || !seen.has(edge.from))
      if (other !== undefined && other !== port.id && inner !== undefined && own !== undefined)
        problems.push({
          code: 'branches_meet',
          level: 'error',
          node: id,
          message: `The branches “${other}” and “${port.title}” meet in “${titleOf(inner)}”; what follows both stands behind the block.`,
          fix: { title: 'Remove the edge', apply: [{ do: 'remove_edge', edge: edgeId(own) }] },
        })
    }
    for (const id of here) if (!seen.has(id)) seen.set(id, port.id)
    return problems
  })
}

/**
 * Nodes that no run comes to; what stands in one that is not reached is not said again. A disabled one may be parked
 * beside the others.
 */
const unreachable = (drawing: Drawing, reached: ReadonlySet<string>): Problem[] =>
  drawing.nodes
    .filter((node) => !reached.has(node.id) && node.kind !== 'start' && node.disabled !== true)
    .filter((node) => node.within === undefined || reached.has(node.within) || !drawing.byId.has(node.within))
    .map((node) => ({
      code: 'unreachable',
      level: 'error',
      node: node.id,
      message: `No run comes to “${titleOf(node)}”: nothing leads to it.`,
      fix: removal(node),
    }))

/** Every edge that closes a circle, found by walking each region depth first without recursion. */
const cycles = (drawing: Drawing): Problem[] => {
  const done = new Set<string>()
  const open = new Set<string>()
  const closing: Edge[] = []
  for (const { id: root } of drawing.nodes) {
    const path: { id: string; edges: readonly Edge[]; next: number }[] = []
    const enter = (id: string) => {
      open.add(id)
      path.push({ id, edges: drawing.from(id), next: 0 })
    }
    if (!done.has(root)) enter(root)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.edges[top.next++]
      if (edge === undefined) {
        open.delete(top.id)
        done.add(top.id)
        path.pop()
      } else if (open.has(edge.to)) closing.push(edge)
      else if (!done.has(edge.to)) enter(edge.to)
    }
  }
  return closing.map((edge) => {
    const [from, to] = [drawing.byId.get(edge.from), drawing.byId.get(edge.to)]
    const [start, end] = [from, to].map((node) => (node === undefined ? '' : titleOf(node)))
    return {
      code: 'cycle',
      level: 'error',
      node: edge.from,
      path: '',
      message: `From “${start}” it goes back to “${end}” in a circle; what repeats is drawn as a loop.`,
      fix: {
        title: `Remove the edge from “${start}” (${portOf(edge)})`,
        apply: [{ do: 'remove_edge', edge: edgeId(edge) }],
      },
    }
  })
}
