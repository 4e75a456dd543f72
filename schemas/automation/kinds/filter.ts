import { Failure } from '../failure.ts'
import { main, out, type Kind } from '../kind.ts'
import { itemsOf } from './items.ts'

export const filter: Kind = {
  kind: 'filter',
  title: 'Filter',
  icon: 'filter',
  group: 'data',
  purpose: 'Keeps the entries of a list for which a condition holds.',
  also: ['where', 'only', 'remove', 'select'],
  form: {
    type: 'object',
    properties: {
      items: { type: 'array', title: 'List', 'x-show': 'cel' },
      keep: { type: 'boolean', title: 'Keep when', description: 'Sees “item” and “index”.', 'x-show': 'condition' },
    },
    required: ['items', 'keep'],
    additionalProperties: false,
  },
  example: { title: 'Only the new ones', with: { items: { cel: 'input.cars' }, keep: { cel: 'item.year > 2023' } } },
  ports: () => main,
  fails: true,
  pure: true,
  output: () => ({ type: 'array' }),
  names: { keep: { item: {}, index: { type: 'integer' } } },
  run: (it) =>
    out(
      itemsOf(it).filter((item, at) => {
        const keep = it.resolve(it.node.with?.['keep'], { item, index: at })
        if (typeof keep !== 'boolean') throw new Failure('expression_failed', '“Keep when” gives no yes or no.')
        return keep
      }),
    ),
}
