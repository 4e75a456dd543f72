import { main, out, type Kind } from '../kind.ts'
import type { JsonObject, JsonSchema } from '../json.ts'

export const ai: Kind = {
  kind: 'ai',
  title: 'AI',
  icon: 'sparkles',
  group: 'thinking',
  purpose: 'Asks a language model and takes its answer, in the shape you give.',
  also: ['llm', 'gpt', 'model', 'chat', 'summarise', 'classify', 'extract', 'write'],
  form: {
    type: 'object',
    properties: {
      system: { type: 'string', title: 'Instructions', 'x-show': 'text' },
      prompt: { title: 'Prompt', description: 'What is sent; what is not text is sent as JSON.', 'x-show': 'text' },
      output: {
        type: 'object',
        title: 'Shape of the answer',
        description: 'A JSON Schema. Without one the answer is a text.',
        'x-show': 'schema',
        'x-plain': true,
      },
      model: {
        type: 'string',
        title: 'Model',
        description: 'The name of a route under AI gateway; “default” where it is empty.',
        'x-plain': true,
        maxLength: 128,
      },
      name: { type: 'string', title: 'Name of the shape', default: 'answer', 'x-plain': true, maxLength: 64 },
      tools: {
        type: 'array',
        title: 'Tools',
        description: 'Operations the model may call on its own; only such as read.',
        items: { type: 'string' },
        'x-show': 'operations',
        'x-plain': true,
      },
      rounds: { type: 'integer', title: 'Rounds with tools', minimum: 1, maximum: 20, default: 5, 'x-plain': true },
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  example: {
    title: 'Sum it up',
    with: {
      system: 'Answer in one sentence.',
      prompt: { text: 'Sum up: {{ input.text }}' },
      output: { type: 'object', properties: { summary: { type: 'string' } }, required: ['summary'] },
    },
  },
  ports: () => main,
  fails: true,
  can: { retry: true, cache: true },
  pure: false,
  output: (node) => {
    const shape = node.with?.['output'] as JsonSchema | undefined
    return {
      type: 'object',
      properties: {
        answer: shape ?? { type: 'string' },
        author: {
          type: 'object',
          properties: {
            by: { type: 'string' },
            name: { type: 'string' },
            sandbox: { type: 'boolean' },
            repaired: { type: 'boolean' },
          },
          required: ['by', 'name', 'sandbox', 'repaired'],
        },
        tools: {
          type: 'array',
          description: 'What it asked of tools, in order.',
          items: {
            type: 'object',
            properties: { name: { type: 'string' }, input: { type: 'object' } },
            required: ['name', 'input'],
          },
        },
      },
      required: ['answer', 'author', 'tools'],
    }
  },
  run: async (it) => {
    const { output, name, tools, rounds, model } = it.node.with ?? {}
    const input: JsonObject = {
      system: it.field('system'),
      prompt: it.field('prompt'),
      shape: output ?? null,
      name: typeof name === 'string' ? name : 'answer',
      tools: Array.isArray(tools) ? tools : [],
      rounds: typeof rounds === 'number' ? rounds : 5,
      ...(typeof model === 'string' && model !== '' ? { model } : {}),
    }
    return out(await it.act('ai.answer', input, { queue: 'ai', tryMs: 30_000, allMs: 90_000, attempts: 4 }))
  },
}
