import { Failure } from '../failure.ts'
import { isObject } from '../json.ts'
import type { Node } from '../definition.ts'
import { waysOf, type Kind } from '../kind.ts'
import { otherwiseProblems } from './otherwise.ts'

type Case = { port: string; title?: string; when: unknown }

/** The cases of a decision as its form holds them; what is not one is left out. */
export const casesOf = (node: Node): Case[] => {
  const cases = node.with?.['cases']
  return Array.isArray(cases) ? cases.flatMap((one) => (isCase(one) ? [one] : [])) : []
}
const isCase = (one: unknown): one is Case => isObject(one) && typeof one['port'] === 'string'

export const decision: Kind = {
  kind: 'decision',
  title: 'Decision',
  icon: 'split',
  group: 'flow',
  purpose: 'Goes the way whose condition holds: the first of them, or all.',
  also: ['if', 'else', 'condition', 'branch', 'rule', 'when', 'router'],
  form: {
    type: 'object',
    properties: {
      cases: {
        type: 'array',
        title: 'Cases',
        minItems: 1,
        maxItems: 50,
        items: {
          type: 'object',
          properties: {
            port: { type: 'string', title: 'Port', pattern: '^[a-z][a-zA-Z0-9_]{0,63}$', 'x-plain': true },
            title: { type: 'string', title: 'Name', 'x-plain': true },
            when: { type: 'boolean', title: 'When', 'x-show': 'condition' },
          },
          required: ['port', 'when'],
          additionalProperties: false,
        },
      },
      match: {
        type: 'string',
        title: 'Take',
        enum: ['first', 'all'],
        'x-words': { first: 'The first case that holds', all: 'Every case that holds' },
        default: 'first',
        'x-plain': true,
      },
    },
    required: ['cases'],
    additionalProperties: false,
  },
  example: {
    title: 'Has an e-mail address?',
    with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'input.email != null' } }] },
  },
  ports: (node) => [
    ...casesOf(node).map(({ port, title }) => ({ id: port, title: title ?? port })),
    { id: 'else', title: 'Otherwise', tone: 'neutral' as const },
  ],
  fails: true,
  pure: true,
  checks: otherwiseProblems,
  ways: (node, output) => {
    const named = Array.isArray(output) ? output : [output]
    return waysOf(decision, node).flatMap(({ id }) => (named.includes(id) ? [id] : []))
  },
  run: (it) => {
    const all = it.node.with?.['match'] === 'all'
    const ports: string[] = []
    for (const { port, title, when } of casesOf(it.node)) {
      const holds = it.resolve(when)
      if (typeof holds !== 'boolean')
        throw new Failure('expression_failed', `The condition “${title ?? port}” gives no yes or no.`)
      if (holds) ports.push(port)
      if (holds && !all) break
    }
    return { ports: ports.length === 0 ? ['else'] : ports, output: ports.length === 0 ? ['else'] : ports }
  },
}
