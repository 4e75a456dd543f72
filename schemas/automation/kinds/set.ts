import { isObject } from '../json.ts'
import { main, out, type Kind } from '../kind.ts'

export const set: Kind = {
  kind: 'set',
  title: 'Set',
  icon: 'variable',
  group: 'data',
  purpose: 'Gives values to variables of the run.',
  form: {
    type: 'object',
    properties: {
      values: {
        type: 'object',
        title: 'Values',
        description: 'Variables by name, and what each is to hold.',
        'x-show': 'variables',
        additionalProperties: true,
      },
    },
    required: ['values'],
    additionalProperties: false,
  },
  example: { title: 'Remember', with: { values: { seen: { cel: 'run.id' } } } },
  ports: () => main,
  fails: true,
  pure: true,
  checks: ({ node, definition }) => {
    const values = node.with?.['values']
    const declared = new Set(definition.variables?.map((one) => one.name))
    return Object.keys(isObject(values) ? values : {})
      .filter((name) => !declared.has(name))
      .map((name) => ({
        code: 'unknown_variable' as const,
        level: 'error' as const,
        node: node.id,
        path: `/with/values/${name}`,
        message: `There is no variable “${name}”.`,
        fix: {
          title: `Add the variable “${name}”`,
          apply: [{ do: 'set' as const, node: null, path: '/variables/-', value: { name, type: 'any' } }],
        },
      }))
  },
  run: (it) => {
    const values = it.field('values')
    if (isObject(values)) for (const [name, value] of Object.entries(values)) it.vars.set(name, value)
    return out(values)
  },
}
