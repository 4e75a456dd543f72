import { main, out, type Kind } from '../kind.ts'

export const start: Kind = {
  kind: 'start',
  title: 'Start',
  icon: 'play',
  group: 'flow',
  purpose: 'Where every run begins, with the input it was given.',
  form: { type: 'object', properties: {}, additionalProperties: false },
  example: { title: 'A lead comes in' },
  ports: () => main,
  fails: false,
  pure: true,
  output: (_node, { input }) => input,
  run: ({ names }) => out((names.input ?? null) as never),
}
