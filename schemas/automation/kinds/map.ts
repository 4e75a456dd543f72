import { main, out, type Kind } from '../kind.ts'
import { itemsOf } from './items.ts'

export const map: Kind = {
  kind: 'map',
  title: 'Map',
  icon: 'list-tree',
  group: 'data',
  purpose: 'Makes a new list with one entry for each entry of another.',
  also: ['transform', 'convert', 'for each'],
  form: {
    type: 'object',
    properties: {
      items: { type: 'array', title: 'List', 'x-show': 'cel' },
      to: { title: 'Each becomes', description: 'Sees “item” and “index”.' },
    },
    required: ['items', 'to'],
    additionalProperties: false,
  },
  example: { title: 'Only the names', with: { items: { cel: 'input.people' }, to: { cel: 'item.name' } } },
  ports: () => main,
  fails: true,
  pure: true,
  output: () => ({ type: 'array' }),
  names: { to: { item: {}, index: { type: 'integer' } } },
  run: (it) => out(itemsOf(it).map((item, at) => it.resolve(it.node.with?.['to'], { item, index: at }))),
}
