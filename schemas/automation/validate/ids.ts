import { name, titleOf, type Definition } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import type { Problem } from '../problem.ts'
import { isContainer, type Drawing } from './drawing.ts'

/** A name that CEL and JavaScript both take for a name and nothing else. */
export const isName = (text: string): boolean => name.test(text) && !(text in Object.prototype)

const rule = 'a small letter first, then letters, digits and _'

/** Ids and names: that they can be said in expressions, and that each says one thing. */
export function idProblems({ definition }: Drawing): Problem[] {
  return [...nodeIds(definition), ...variableNames(definition), ...groupIds(definition)]
}

const nodeIds = ({ nodes }: Definition): Problem[] => {
  const seen = new Set<string>()
  return nodes.flatMap((node, at): Problem[] => {
    const problems: Problem[] = []
    const problem = (code: Problem['code'], message: string): Problem => ({
      code,
      level: 'error',
      node: node.id,
      path: '/id',
      message,
    })
    const free = freeId(nodes, slug(node.id))
    const rename = { do: 'set' as const, node: null, path: `/nodes/${at}/id`, value: free }
    const fix = { title: `Call it “${free}”`, apply: [rename] }
    if (!isName(node.id)) problems.push({ ...problem('bad_id', `“${node.id}” cannot be an id: ${rule}.`), fix })
    if (seen.has(node.id)) problems.push({ ...problem('duplicate_id', `Two nodes have the id “${node.id}”.`), fix })
    seen.add(node.id)
    if (kindOf(node.kind) === undefined)
      problems.push({
        ...problem('unknown_kind', `There is no kind of node called “${node.kind}”.`),
        path: '/kind',
        fix: { title: `Remove “${titleOf(node)}”`, apply: [{ do: 'remove_node', node: node.id }] },
      })
    return problems
  })
}

const slug = (id: string): string => {
  const bare = id
    .replaceAll(/[^a-zA-Z0-9_]+/g, '_')
    .replace(/^[^a-zA-Z]+/, '')
    .slice(0, 50)
  return bare === '' ? 'step' : bare.charAt(0).toLowerCase() + bare.slice(1)
}

/** `wish`, or with the first number behind it that no node has. */
export const freeId = (nodes: Definition['nodes'], wish: string): string => {
  const taken = new Set(nodes.map((node) => node.id))
  const isFree = (id: string): boolean => !taken.has(id) && isName(id)
  for (let n = 1; ; n++) {
    const id = n === 1 ? wish : `${wish}_${n}`
    if (isFree(id)) return id
  }
}

const variableNames = ({ variables = [] }: Definition): Problem[] =>
  variables.flatMap(({ name: called }, at): Problem[] => {
    const path = `/variables/${at}/name`
    if (!isName(called))
      return [
        { code: 'bad_id', level: 'error', path, message: `“${called}” cannot be the name of a variable: ${rule}.` },
      ]
    if (variables.findIndex((one) => one.name === called) === at) return []
    const fix = { title: 'Remove it', apply: [{ do: 'set' as const, node: null, path: `/variables/${at}` }] }
    return [{ code: 'duplicate_id', level: 'error', path, message: `Two variables are called “${called}”.`, fix }]
  })

const groupIds = ({ groups = [], nodes }: Definition): Problem[] => {
  const known = new Set(nodes.map((node) => node.id))
  return groups.flatMap((group, at): Problem[] => {
    const problems: Problem[] = []
    if (groups.findIndex((one) => one.id === group.id) !== at)
      problems.push({
        code: 'duplicate_id',
        level: 'error',
        path: `/groups/${at}/id`,
        message: `Two groups have the id “${group.id}”.`,
        fix: { title: 'Remove it', apply: [{ do: 'set', node: null, path: `/groups/${at}` }] },
      })
    const there = group.nodes.filter((id) => known.has(id))
    if (there.length < group.nodes.length)
      problems.push({
        code: 'edge_to_nowhere',
        level: 'warning',
        path: `/groups/${at}/nodes`,
        message: `The group “${group.title}” holds a node that is not there.`,
        fix: { title: 'Take it out', apply: [{ do: 'set', node: null, path: `/groups/${at}/nodes`, value: there }] },
      })
    return problems
  })
}

/** Where nodes stand: in a loop or a parallel block, or outside of all. */
export function placeProblems(drawing: Drawing): Problem[] {
  return drawing.definition.nodes.flatMap((node): Problem[] => {
    const { within } = node
    if (within === undefined) return []
    const container = drawing.byId.get(within)
    const fix = { title: 'Take it out', apply: [{ do: 'set' as const, node: node.id, path: '/within' }] }
    const problem = (message: string): Problem => ({
      code: 'malformed',
      level: 'error',
      node: node.id,
      path: '/within',
      message,
      fix,
    })
    if (container === undefined) return [problem(`It stands in “${within}”, which is not there.`)]
    if (!isContainer(kindOf(container.kind)))
      return [problem(`It stands in “${titleOf(container)}”, which is neither a loop nor a parallel block.`)]
    if (within === node.id || drawing.around(node).includes(node)) return [problem('It stands in itself.')]
    return []
  })
}
