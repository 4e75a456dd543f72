import { Failure } from '../failure.ts'
import type { Json } from '../json.ts'
import { main, out, type Execution, type Kind } from '../kind.ts'
import { itemsOf } from './items.ts'

const ways = ['count', 'sum', 'average', 'least', 'greatest', 'first', 'last', 'join', 'group', 'unique'] as const
type Way = (typeof ways)[number]

export const aggregate: Kind = {
  kind: 'aggregate',
  title: 'Aggregate',
  icon: 'sigma',
  group: 'data',
  purpose: 'Makes one value of a list: a count, a sum, groups, a text.',
  also: ['reduce', 'total', 'average', 'group by', 'join', 'merge', 'statistics'],
  form: {
    type: 'object',
    properties: {
      items: { type: 'array', title: 'List', 'x-show': 'cel' },
      way: {
        type: 'string',
        title: 'What to make',
        enum: ways,
        default: 'count',
        'x-words': {
          count: 'How many there are',
          sum: 'Their sum',
          average: 'Their average',
          least: 'The least',
          greatest: 'The greatest',
          first: 'The first',
          last: 'The last',
          join: 'One text of all',
          group: 'Groups',
          unique: 'Each one once',
        },
        'x-plain': true,
      },
      of: {
        title: 'Of each entry',
        description: 'What is counted, added or grouped by; sees “item” and “index”. Without it the entry itself.',
        'x-show': 'cel',
      },
      between: { type: 'string', title: 'Between (for join)', default: ', ', 'x-plain': true },
    },
    required: ['items'],
    additionalProperties: false,
  },
  example: { title: 'Total', with: { items: { cel: 'input.cars' }, way: 'sum', of: { cel: 'item.price' } } },
  ports: () => main,
  fails: true,
  pure: true,
  output: (node) => {
    const way = node.with?.['way'] as Way
    if (way === 'join') return { type: 'string' }
    if (way === 'group') return { type: 'object', additionalProperties: { type: 'array' } }
    if (way === 'unique') return { type: 'array' }
    return way === 'first' || way === 'last' ? {} : { type: 'number' }
  },
  names: { of: { item: {}, index: { type: 'integer' } } },
  run: (it) => {
    const items = itemsOf(it)
    const of = it.node.with?.['of']
    const each = items.map((item, at) => (of === undefined ? item : it.resolve(of, { item, index: at })))
    return out(makes[(it.node.with?.['way'] as Way | undefined) ?? 'count'](each, items, it))
  },
}

const numbers = (values: Json[]): number[] =>
  values.map((value) => {
    if (typeof value === 'number') return value
    throw new Failure('field_invalid', 'Every entry has to give a number.')
  })
const sum = (values: Json[]): number => numbers(values).reduce((a, b) => a + b, 0)
const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const makes: Record<Way, (each: Json[], items: Json[], it: Execution) => Json> = {
  count: (each) => each.length,
  sum,
  average: (each) => (each.length === 0 ? null : sum(each) / each.length),
  least: (each) => (each.length === 0 ? null : numbers(each).reduce((a, b) => Math.min(a, b))),
  greatest: (each) => (each.length === 0 ? null : numbers(each).reduce((a, b) => Math.max(a, b))),
  first: (each) => each[0] ?? null,
  last: (each) => each.at(-1) ?? null,
  join: (each, _items, it) => {
    const between = it.node.with?.['between']
    return each.map(text).join(typeof between === 'string' ? between : ', ')
  },
  group: (each, items) => {
    const groups: Record<string, Json[]> = {}
    for (const [at, key] of each.entries()) (groups[text(key)] ??= []).push(items[at] as Json)
    return groups
  },
  unique: (each) => [...new Map(each.map((value) => [text(value), value])).values()],
}
