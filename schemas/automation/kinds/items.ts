import { Failure } from '../failure.ts'
import type { Json } from '../json.ts'
import type { Execution } from '../kind.ts'

/** The list in the field `items`; a failure where it is none. */
export const itemsOf = (it: Execution): Json[] => {
  const items = it.field('items')
  if (!Array.isArray(items)) throw new Failure('field_invalid', `“List” has to be a list; it is ${kindOf(items)}.`)
  return items
}

const kindOf = (value: Json): string => (value === null ? 'empty' : `a ${typeof value}`)
