import type { Variable } from '../definition.ts'
import { isObject } from '../json.ts'
import { main, out, type Kind } from '../kind.ts'
import { isText } from '../value.ts'

export const set: Kind = {
  kind: 'set',
  title: 'Set',
  icon: 'variable',
  group: 'data',
  purpose: 'Gives values to variables of the run.',
  also: ['variable', 'assign', 'remember', 'store', 'let'],
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
    const given: Record<string, unknown> = isObject(values) ? values : {}
    const known = new Set(definition.variables?.map((one) => one.name))
    return Object.keys(given)
      .filter((name) => !known.has(name))
      .map((name) => ({
        code: 'unknown_variable' as const,
        level: 'error' as const,
        node: node.id,
        path: `/with/values/${name}`,
        message: `There is no variable “${name}”.`,
        fix: {
          title: `Add the variable “${name}”`,
          apply: [{ do: 'set' as const, node: null, path: '/variables/-', value: declared(name, given[name]) }],
        },
      }))
  },
  run: (it) => {
    const values = it.field('values')
    if (isObject(values)) it.vars.set(values)
    return out(values)
  },
}

/** A variable as what it is set to says: its type, and that type's emptiest value to begin with. */
const declared = (name: string, value: unknown): Variable => {
  if (typeof value === 'number') return { name, type: 'number', initial: 0 }
  if (typeof value === 'boolean') return { name, type: 'boolean', initial: false }
  if ((typeof value === 'string' && value !== '') || isText(value)) return { name, type: 'string', initial: '' }
  return Array.isArray(value) ? { name, type: 'list', initial: [] } : { name, type: 'any' }
}
