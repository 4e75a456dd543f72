import { Failure } from '../failure.ts'
import { asText } from '../value.ts'
import type { Kind } from '../kind.ts'

export const raise: Kind = {
  kind: 'raise',
  title: 'Raise',
  icon: 'octagon-alert',
  group: 'flow',
  purpose: 'Fails on purpose, with a code that error ports know and a sentence for people.',
  also: ['throw', 'error', 'fail', 'abort', 'exception'],
  form: {
    type: 'object',
    properties: {
      code: {
        type: 'string',
        title: 'Code',
        pattern: '^[a-z][a-z0-9_]{0,63}$',
        default: 'business_refused',
        'x-plain': true,
      },
      message: { type: 'string', title: 'What went wrong', 'x-show': 'text' },
    },
    required: ['message'],
    additionalProperties: false,
  },
  example: { title: 'Not for us', with: { code: 'out_of_area', message: 'The customer lives too far away.' } },
  ports: () => [],
  fails: true,
  pure: true,
  run: (it) => {
    const code = it.node.with?.['code']
    throw new Failure(
      typeof code === 'string' ? code : 'business_refused',
      asText(it.field('message')) || 'It was refused.',
    )
  },
}
