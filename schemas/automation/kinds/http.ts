import { out, main, type Kind } from '../kind.ts'

export const http: Kind = {
  kind: 'http',
  title: 'HTTP request',
  icon: 'globe',
  group: 'outside',
  purpose: 'Calls any address on the public internet and reads its answer.',
  also: ['api', 'rest', 'webhook', 'fetch', 'url', 'get', 'post', 'curl'],
  form: {
    type: 'object',
    properties: {
      method: {
        type: 'string',
        title: 'Method',
        enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'],
        default: 'GET',
        'x-plain': true,
      },
      url: { type: 'string', title: 'Address', 'x-show': 'text', examples: ['https://api.example.com/cars'] },
      headers: { type: 'object', title: 'Headers', additionalProperties: { type: 'string' } },
      body: { title: 'Body', description: 'Sent as JSON; a text is sent as it is.', 'x-show': 'json' },
      credential: { type: 'string', title: 'Credential', 'x-show': 'credential', 'x-plain': true },
      expect: {
        type: 'array',
        title: 'Other answers to accept',
        description: 'Statuses besides 2xx that do not fail the node.',
        items: { type: 'integer', minimum: 100, maximum: 599 },
        'x-plain': true,
      },
    },
    required: ['url'],
    additionalProperties: false,
  },
  example: { title: 'Ask for the price', with: { method: 'GET', url: 'https://api.example.com/cars/1' } },
  ports: () => main,
  fails: true,
  can: { retry: true, cache: true },
  pure: false,
  output: () => ({
    type: 'object',
    properties: { status: { type: 'integer' }, headers: { type: 'object' }, body: {} },
    required: ['status', 'headers', 'body'],
  }),
  run: async (it) => {
    const { method, expect, credential } = it.node.with ?? {}
    return out(
      await it.act(
        'http.request',
        {
          method: typeof method === 'string' ? method : 'GET',
          url: it.field('url'),
          headers: it.field('headers'),
          body: it.field('body'),
          ...(Array.isArray(expect) ? { expect: expect } : {}),
          ...(typeof credential === 'string' ? { credential } : {}),
        },
        { queue: 'connectors', tryMs: 30_000, attempts: 5 },
      ),
    )
  },
}
