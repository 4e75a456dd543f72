import { titleOf, type Node } from '../definition.ts'
import { isObject } from '../json.ts'
import type { Problem } from '../problem.ts'
import { reach, type Drawing } from './drawing.ts'

/** Variables that are set side by side: which value stays is chance. */
export function raceProblems(drawing: Drawing): Problem[] {
  return drawing.nodes.flatMap((node) => {
    const bodies = drawing.ports(node).filter((port) => port.body === true)
    const settersOf = (port: string): Node[] =>
      settersIn(
        drawing,
        reach(
          drawing,
          drawing.entries(node.id, port).map((edge) => edge.to),
        ),
      )
    if (bodies.length > 1)
      return between(
        node,
        bodies.map((port) => settersOf(port.id)),
      )
    const [body] = bodies
    const atOnce = node.with?.['over'] === 'while' ? 1 : Number(node.with?.['concurrency'] ?? 1)
    if (body === undefined || !(atOnce > 1)) return []
    return settersOf(body.id).flatMap((setter) =>
      variablesOf(setter).map((name) =>
        race(
          setter,
          name,
          `Turns of “${titleOf(node)}” run side by side: which of them “${name}” is left with is chance.`,
        ),
      ),
    )
  })
}

const between = (node: Node, branches: readonly Node[][]): Problem[] => {
  const before = new Set<string>()
  return branches.flatMap((setters) => {
    const here = setters.flatMap((setter) => variablesOf(setter).map((name) => ({ setter, name })))
    const found = here
      .filter(({ name }) => before.has(name))
      .map(({ setter, name }) =>
        race(setter, name, `Another branch of “${titleOf(node)}” sets “${name}” too: which value stays is chance.`),
      )
    for (const { name } of here) before.add(name)
    return found
  })
}

const race = (node: Node, name: string, message: string): Problem => ({
  code: 'variable_race',
  level: 'warning',
  node: node.id,
  path: `/with/values/${name}`,
  message,
})

/** The nodes of a body, and of the blocks in it, that set variables. */
const settersIn = (drawing: Drawing, ids: ReadonlySet<string>): Node[] =>
  drawing.nodes.filter(
    (node) =>
      node.kind === 'set' && (ids.has(node.id) || drawing.around(node).some((container) => ids.has(container.id))),
  )

const variablesOf = (node: Node): string[] => {
  const values = node.with?.['values']
  return isObject(values) ? Object.keys(values) : []
}
