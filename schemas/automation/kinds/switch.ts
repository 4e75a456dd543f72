import { isObject, same, type Json } from '../json.ts'
import type { Node } from '../definition.ts'
import type { Kind } from '../kind.ts'
import { otherwiseProblems } from './otherwise.ts'
import { asText } from '../value.ts'

type Case = { port: string; title?: string; is: Json }
const casesOf = (node: Node): Case[] => {
  const cases = node.with?.['cases']
  return Array.isArray(cases) ? cases.flatMap((one) => (isCase(one) ? [one] : [])) : []
}
const isCase = (one: unknown): one is Case => isObject(one) && typeof one['port'] === 'string' && 'is' in one

export const switchKind: Kind = {
  kind: 'switch',
  title: 'Switch',
  icon: 'waypoints',
  group: 'flow',
  purpose: 'Goes the way named by one value.',
  also: ['case', 'route', 'branch', 'choose'],
  form: {
    type: 'object',
    properties: {
      value: { title: 'Value', 'x-show': 'cel' },
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
            is: { title: 'Is', 'x-plain': true },
          },
          required: ['port', 'is'],
          additionalProperties: false,
        },
      },
    },
    required: ['value', 'cases'],
    additionalProperties: false,
  },
  example: {
    title: 'Which intent?',
    with: { value: { cel: 'input.intent' }, cases: [{ port: 'buy', is: 'buy' }] },
  },
  ports: (node) => [
    ...casesOf(node).map(({ port, title, is }) => ({ id: port, title: title ?? asText(is) })),
    { id: 'else', title: 'Otherwise', tone: 'neutral' as const },
  ],
  fails: true,
  pure: true,
  checks: otherwiseProblems,
  ways: (node, output) => wayOf(node, output),
  run: (it) => {
    const value = it.field('value')
    return { ports: wayOf(it.node, value), output: value }
  },
}

const wayOf = (node: Node, value: Json): readonly string[] => [
  casesOf(node).find(({ is }) => same(is, value))?.port ?? 'else',
]
