import { expect, test } from 'vitest'
import { readTags, tagsText } from './tags.ts'

test('tags are read as they are written', () => {
  const tags = { team: 'service desk', store: 'north' }
  expect(tagsText(tags)).toBe('store=north, team=service desk')
  expect(readTags(tagsText(tags))).toEqual(tags)
})

test('spaces, commas too many and a value with = in it do no harm', () => {
  expect(readTags(' store = north ,, query=a=b,')).toEqual({ store: 'north', query: 'a=b' })
  expect(readTags('')).toEqual({})
})
