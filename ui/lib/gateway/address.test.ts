import { expect, test } from 'vitest'
import { blanksOf, filled } from './address.ts'

const azure = 'https://{resource}.openai.azure.com/openai/v1'

test('the blanks of an address are known, and it is whole once they are filled in', () => {
  expect(blanksOf(azure)).toEqual(['resource'])
  expect(filled(azure, { resource: ' north ' })).toBe('https://north.openai.azure.com/openai/v1')
  expect(filled(azure, { resource: ' ' })).toBeNull()
  expect(blanksOf('http://gpu-1:8000/v1')).toEqual([])
  expect(blanksOf(null)).toEqual([])
})
