import type { Kind } from '../kind.ts'

export const end: Kind = {
  kind: 'end',
  title: 'End',
  icon: 'flag',
  group: 'flow',
  purpose: 'Ends the run with an outcome in a word, and what it gives.',
  also: ['stop', 'finish', 'return', 'result'],
  form: {
    type: 'object',
    properties: {
      outcome: {
        type: 'string',
        title: 'Outcome',
        description: 'One word that lists and filters show: sent, rejected, done.',
        default: 'done',
        maxLength: 60,
      },
      output: {
        type: 'object',
        title: 'Result',
        description: 'Names and values the run gives. Without any, the output mapping of the automation is taken.',
        additionalProperties: true,
      },
      atOnce: {
        type: 'boolean',
        title: 'Stop what else is running',
        description: 'Other paths of the run are cancelled instead of being waited for.',
        default: false,
        'x-plain': true,
      },
    },
    additionalProperties: false,
  },
  example: { title: 'Done', with: { outcome: 'sent', output: { mail: { cel: 'run.id' } } } },
  ports: () => [],
  fails: false,
  pure: true,
  run: (it) => {
    const outcome = it.field('outcome')
    const output = it.field('output')
    it.end(typeof outcome === 'string' && outcome !== '' ? outcome : 'done', output, it.node.with?.['atOnce'] === true)
    return { ports: [], output }
  },
}
