import { out, type Kind } from '../kind.ts'

export const note: Kind = {
  kind: 'note',
  title: 'Note',
  icon: 'sticky-note',
  group: 'flow',
  purpose: 'A remark on the canvas; it takes no part in runs.',
  also: ['comment', 'sticky', 'text'],
  form: {
    type: 'object',
    properties: {
      text: { type: 'string', title: 'Text', 'x-show': 'long-text', 'x-plain': true, maxLength: 4000 },
      colour: {
        type: 'string',
        title: 'Colour',
        enum: ['yellow', 'blue', 'green', 'red', 'grey'],
        default: 'yellow',
        'x-plain': true,
      },
      width: { type: 'number', minimum: 80, maximum: 1200, 'x-show': 'none', 'x-plain': true },
      height: { type: 'number', minimum: 40, maximum: 1200, 'x-show': 'none', 'x-plain': true },
    },
    additionalProperties: false,
  },
  example: { with: { text: 'Ask Dana before changing this.' } },
  ports: () => [],
  fails: false,
  pure: true,
  run: () => out(),
}
