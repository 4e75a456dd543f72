import { expect, test } from 'vitest'
import { toolsUsed } from './tools-used.ts'

test('what a model looked up is told by the names of the operations; other steps used none', () => {
  const output = {
    answer: 'Priya',
    tools: [
      { name: 'crm.find_contact', input: { email: 'p@example.org', most: 3 } },
      { name: 'crm.gone', input: {} },
    ],
  }
  expect(toolsUsed('ai', output)).toEqual([
    { title: 'Find a contact', given: 'email p@example.org, most 3' },
    { title: 'crm.gone', given: '' },
  ])
  expect(toolsUsed('code', output)).toEqual([])
  expect(toolsUsed('ai', { answer: 'of a run before tools' })).toEqual([])
  expect(toolsUsed('ai', null)).toEqual([])
})
