import type { JsonObject } from '../json.ts'
import { main, out, type Kind } from '../kind.ts'
import type { Problem } from '../problem.ts'
import { operationOf } from './operation.ts'

export const action: Kind = {
  kind: 'action',
  title: 'Action',
  icon: 'plug',
  group: 'outside',
  purpose: 'Does one operation in a connected system: CRM, DMS, mail.',
  also: ['integration', 'connector', 'app', 'crm', 'dms', 'sms', 'mail'],
  form: {
    type: 'object',
    properties: {
      operation: { type: 'string', title: 'Operation', 'x-show': 'operation', 'x-plain': true },
      input: { type: 'object', title: 'Input', 'x-show': 'operation-input', additionalProperties: true },
    },
    required: ['operation'],
    additionalProperties: false,
  },
  example: {
    title: 'Add a note',
    with: { operation: 'crm.add_note', input: { deal: '1', text: { text: 'Seen by {{ run.automation }}' } } },
  },
  ports: () => main,
  fails: true,
  can: { retry: true, cache: true },
  pure: false,
  output: (node) => operationOf(node.with?.['operation'])?.output,
  checks: ({ node }) => {
    const named = node.with?.['operation']
    if (typeof named !== 'string' || named === '') return []
    if (operationOf(named) !== undefined) return []
    return [problem(node.id, 'unknown_operation', '/with/operation', `There is no operation “${named}”.`)]
  },
  run: async (it) => {
    const named = it.node.with?.['operation']
    const operation = operationOf(named)
    if (operation === undefined || typeof named !== 'string') throw new Error('The node names no operation there is.')
    const input = (it.field('input') ?? {}) as JsonObject
    return out(await it.act(named, { input }, { queue: operation.queue, tryMs: operation.tryMs ?? 20_000 }))
  },
}

const problem = (node: string, code: Problem['code'], path: string, message: string): Problem => ({
  code,
  level: 'error',
  node,
  path,
  message,
})
