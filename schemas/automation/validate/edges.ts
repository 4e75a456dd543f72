import { edgeId, portOf, titleOf, type Edge, type Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import type { Fix, Problem, ProblemCode } from '../problem.ts'
import type { Drawing } from './drawing.ts'

/** Edges: that both ends are there, that the port is one, and that they stay in their part of the graph. */
export function edgeProblems(drawing: Drawing): Problem[] {
  const notes = new Set(drawing.definition.nodes.filter((node) => node.kind === 'note').map((node) => node.id))
  return drawing.definition.edges.flatMap((edge) => {
    const found = edgeProblem(drawing, edge, notes)
    return found === null ? [] : [found]
  })
}

const edgeProblem = (drawing: Drawing, edge: Edge, notes: ReadonlySet<string>): Problem | null => {
  const [from, to] = [drawing.byId.get(edge.from), drawing.byId.get(edge.to)]
  const problem = (code: ProblemCode, message: string, fix: Fix = remove(edge)): Problem => ({
    code,
    level: 'error',
    ...(from === undefined && to === undefined ? {} : { node: (from ?? to)?.id ?? '' }),
    path: '',
    message,
    fix,
  })
  if (notes.has(edge.from) || notes.has(edge.to))
    return problem('edge_to_nowhere', 'An edge leads to or from a note, which takes no part in runs.')
  if (from === undefined) return problem('edge_to_nowhere', `An edge comes from “${edge.from}”, which is not there.`)
  if (to === undefined) return problem('edge_to_nowhere', `An edge leads to “${edge.to}”, which is not there.`)
  if (kindOf(from.kind) === undefined) return null
  const port = drawing.ports(from).find((one) => one.id === portOf(edge))
  if (port === undefined && !isErrorPort(from, portOf(edge)))
    return problem(
      'unknown_port',
      `“${titleOf(from)}” has no way out called “${portOf(edge)}”.`,
      errorFix(from, portOf(edge)) ?? remove(edge),
    )
  if (port?.body === true) {
    if (to.within === from.id) return null
    return problem('edge_across', `“${port.title}” of “${titleOf(from)}” leads to what does not stand in it.`)
  }
  if (from.within === to.within) return null
  return problem('edge_across', `An edge from “${titleOf(from)}” to “${titleOf(to)}” crosses the border of a block.`)
}

const remove = (edge: Edge): Fix => ({
  title: 'Remove the edge',
  apply: [{ do: 'remove_edge', edge: edgeId(edge) }],
})

const mayFail = (node: Node): boolean => kindOf(node.kind)?.fails === true

const isErrorPort = (node: Node, port: string): boolean =>
  mayFail(node) && (port === 'error' || (node.errors ?? []).some((code) => port === `error:${code}`))

/** A port for one error code that the node does not list yet: listing it is what was meant. */
const errorFix = (node: Node, port: string): Fix | null => {
  const [, code] = /^error:([a-z][a-z0-9_]*)$/.exec(port) ?? []
  if (code === undefined || !mayFail(node)) return null
  return {
    title: `Give “${code}” a way out of its own`,
    apply: [{ do: 'set', node: node.id, path: '/errors', value: [...(node.errors ?? []), code] }],
  }
}

/** Ports that a node's own form names twice, or names as one that is there anyway. */
export function portProblems(drawing: Drawing): Problem[] {
  return drawing.nodes.flatMap((node) => {
    const ids = drawing.ports(node).map((port) => port.id)
    return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at || id === 'error'))].map((id): Problem => {
      const message = `Two ways out of “${titleOf(node)}” are called “${id}”.`
      return { code: 'duplicate_id', level: 'error', node: node.id, path: '/with', message }
    })
  })
}
