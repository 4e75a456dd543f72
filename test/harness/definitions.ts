import * as fc from 'fast-check'
import type { Definition, Edge, Group, Node, Variable } from '#schemas/automation/definition.ts'

const ids = ['a', 'b', 'c', 'd', 'e'] as const
const id = fc.constantFrom(...ids)
const field = fc.oneof(
  fc.constantFrom('x', 'y', 1, 2, true, null),
  fc.record({ cel: fc.constantFrom('input.n > 1', 'steps.a') }),
  fc.array(fc.constantFrom('x', 'y', 1), { maxLength: 3 }),
  fc.record({ deep: fc.constantFrom('x', 1), more: fc.constantFrom('y', 2) }, { requiredKeys: [] }),
)

const node: fc.Arbitrary<Node> = fc.record(
  {
    id,
    kind: fc.constantFrom('start', 'end', 'http', 'set', 'decision', 'loop', 'note'),
    title: fc.constantFrom('One', 'Two'),
    with: fc.dictionary(fc.constantFrom('url', 'values', 'cases', 'items'), field, { maxKeys: 3 }),
    at: fc.record({ x: fc.nat(3), y: fc.nat(3) }),
    within: id,
    disabled: fc.boolean(),
  },
  { requiredKeys: ['id', 'kind'] },
)
const edge: fc.Arbitrary<Edge> = fc.record(
  { from: id, port: fc.constantFrom('out', 'yes', 'error'), to: id },
  { requiredKeys: ['from', 'to'] },
)
const variable: fc.Arbitrary<Variable> = fc.record({
  name: id,
  type: fc.constantFrom<Variable['type']>('string', 'number', 'any'),
})
const group: fc.Arbitrary<Group> = fc.record({
  id,
  title: fc.constantFrom('One', 'Two'),
  nodes: fc.uniqueArray(id, { maxLength: 3 }),
})

/** Documents of the right shape that mean little: what must hold of any. */
export const definitions: fc.Arbitrary<Definition> = fc.record(
  {
    format: fc.constant<1>(1),
    name: fc.constantFrom('One', 'Two'),
    description: fc.constantFrom('Text', 'Other'),
    nodes: fc.uniqueArray(node, { selector: (one) => one.id, maxLength: 5 }),
    edges: fc.uniqueArray(edge, { selector: (one) => `${one.from}:${one.port ?? 'out'}>${one.to}`, maxLength: 6 }),
    variables: fc.uniqueArray(variable, { selector: (one) => one.name, maxLength: 3 }),
    groups: fc.uniqueArray(group, { selector: (one) => one.id, maxLength: 2 }),
    settings: fc.record({ timeout: fc.constantFrom('1h', '2h'), priority: fc.constantFrom<1 | 2>(1, 2) }),
  },
  { requiredKeys: ['format', 'name', 'nodes', 'edges'] },
)
