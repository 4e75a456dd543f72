import { expect } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import type { Definition, Edge, Node } from '#schemas/automation/definition.ts'
import type { Problem } from '#schemas/automation/problem.ts'
import { validate, type About } from '#schemas/automation/validate.ts'

/** Edges from each of these to the next. */
export const chain = (...ids: string[]): Edge[] => ids.slice(1).map((to, at) => ({ from: ids[at] as string, to }))

const input = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    price: { type: 'number' },
    email: { type: ['string', 'null'] },
    cars: {
      type: 'array',
      items: { type: 'object', properties: { make: { type: 'string' }, km: { type: 'integer' } } },
    },
    tags: { type: 'object', additionalProperties: { type: 'number' } },
  },
}
/** start → the nodes given, one behind the other → end. */
export const line = (nodes: Node[], more: Partial<Definition> = {}): Definition => ({
  format: 1,
  name: 'Test',
  input,
  nodes: [{ id: 'start', kind: 'start' }, ...nodes, { id: 'end', kind: 'end' }],
  edges: chain('start', ...nodes.filter((node) => node.within === undefined).map((node) => node.id), 'end'),
  ...more,
})
export const http = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'http',
  with: { url: 'https://x.example' },
  ...more,
})
/** What is said of a definition, in a word each. */
export const codes = (definition: Definition, about?: About) => validate(definition, about).map((one) => one.code)

/** The one problem that a definition has. */
export const only = (definition: Definition, about?: About): Problem => {
  const found = validate(definition, about)
  expect(found, JSON.stringify(found, null, 1)).toHaveLength(1)
  return found[0] as Problem
}

/** The definition after one click on the fix of a problem. */
export const mended = (definition: Definition, { fix }: Problem): Definition => applyAll(definition, fix?.apply ?? [])
