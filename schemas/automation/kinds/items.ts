import { Failure } from '../failure.ts'
import type { Json } from '../json.ts'
import type { Execution } from '../kind.ts'

/** The list in the field `items`, which its form calls `title`; a failure where it is none. */
export const itemsOf = (it: Execution, title = 'List'): Json[] => {
  const items = it.field('items')
  if (!Array.isArray(items)) throw new Failure('field_invalid', `“${title}” has to be a list; it is ${kindOf(items)}.`)
  return items
}

const kindOf = (value: Json): string => (value === null ? 'empty' : (words[typeof value] ?? typeof value))
const words: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  boolean: 'yes or no',
  object: 'an object',
}
