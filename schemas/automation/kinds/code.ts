import { out, main, type Kind } from '../kind.ts'
import type { JsonSchema } from '../json.ts'

export const code: Kind = {
  kind: 'code',
  title: 'Code',
  icon: 'braces',
  group: 'data',
  purpose: 'Runs a JavaScript function of yours, shut off from network and files.',
  also: ['script', 'function', 'js', 'custom'],
  form: {
    type: 'object',
    properties: {
      input: {
        type: 'object',
        title: 'Input',
        description: 'What the code sees as “input”.',
        additionalProperties: true,
      },
      source: {
        type: 'string',
        title: 'JavaScript',
        description: 'The body of a function of “input”; what it returns is the output.',
        'x-show': 'code',
        'x-plain': true,
        maxLength: 50_000,
      },
      memoryMb: { type: 'integer', title: 'Memory (MB)', minimum: 1, maximum: 64, default: 16, 'x-plain': true },
      timeMs: {
        type: 'integer',
        title: 'Time (ms)',
        description: 'How long the code may run. A shorter time limit of the step counts in its place.',
        minimum: 10,
        maximum: 10_000,
        default: 1000,
        'x-plain': true,
      },
      output: { type: 'object', title: 'Shape of the output', 'x-show': 'schema', 'x-plain': true },
    },
    required: ['source'],
    additionalProperties: false,
  },
  example: { title: 'Add up', with: { input: { a: 1, b: 2 }, source: 'return { sum: input.a + input.b }' } },
  ports: () => main,
  fails: true,
  can: { retry: true, cache: true },
  triesAgain: 'What the code throws it would throw again, and so with its limits: only what cut it off is tried again.',
  pure: false,
  output: (node) => node.with?.['output'] as JsonSchema | undefined,
  run: async (it) => {
    const { source, memoryMb, timeMs } = it.node.with ?? {}
    return out(
      await it.act(
        'code.run',
        {
          source: typeof source === 'string' ? source : '',
          input: it.field('input') ?? {},
          memoryMb: typeof memoryMb === 'number' ? memoryMb : 16,
          timeMs: typeof timeMs === 'number' ? timeMs : 1000,
        },
        { queue: 'main', tryMs: 30_000, attempts: 3 },
      ),
    )
  },
}
