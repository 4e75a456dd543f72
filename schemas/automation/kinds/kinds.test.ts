import { expect, test } from 'vitest'
import type { JsonSchema } from '../json.ts'
import { kinds } from './index.ts'

/** The fields that have to be given although they have a usual value. */
const askedInVain = (schema: JsonSchema, at: string): string[] => [
  ...(schema.required ?? [])
    .filter((name) => schema.properties?.[name]?.default !== undefined)
    .map((name) => `${at}.${name}`),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => askedInVain(one, `${at}.${name}`)),
  ...(schema.items === undefined ? [] : askedInVain(schema.items, `${at}[]`)),
]

test('a field that shows a usual value as chosen is never said to be missing', () => {
  expect(Object.values(kinds).flatMap(({ kind, form }) => askedInVain(form, kind))).toEqual([])
})
