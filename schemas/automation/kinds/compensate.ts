import { main, out, type Kind } from '../kind.ts'
import { asText } from '../value.ts'

export const compensate: Kind = {
  kind: 'compensate',
  title: 'Undo',
  icon: 'undo-2',
  group: 'flow',
  purpose: 'Undoes what earlier steps have done, newest first, or says that it stays.',
  also: ['rollback', 'revert', 'saga', 'take back'],
  form: {
    type: 'object',
    properties: {
      do: {
        type: 'string',
        title: 'What to do',
        enum: ['undo', 'keep'],
        'x-words': { undo: 'Take it back now', keep: 'Keep it, whatever happens later' },
        default: 'undo',
        'x-plain': true,
      },
      why: { type: 'string', title: 'Why', 'x-show': 'text' },
      nodes: {
        type: 'array',
        title: 'Only these steps',
        description: 'Without any, every step that can be undone.',
        items: { type: 'string' },
        'x-show': 'nodes',
        'x-plain': true,
      },
    },
    additionalProperties: false,
  },
  example: { title: 'Take it back', with: { why: 'The customer changed their mind.' } },
  ports: () => main,
  fails: false,
  pure: false,
  long: true,
  output: () => ({ type: 'array' }),
  run: async (it) => {
    const nodes = it.node.with?.['nodes']
    const only = Array.isArray(nodes) && nodes.length > 0 ? (nodes as string[]) : undefined
    if (it.node.with?.['do'] === 'keep') return out(it.keep(only))
    return out(await it.compensate(asText(it.field('why')), only))
  },
}
