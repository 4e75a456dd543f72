import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import { copyPart, pastePart, readPart } from './part.ts'
import { freshId, renameNode, rewriteExpression } from './rename.ts'
import { sample } from './sample.ts'

test('a step that gets another name is called by it everywhere, and nothing else is touched', () => {
  const made = applyAll(sample(), renameNode(sample(), 'read', 'fetch'))
  expect(made.nodes.find((node) => node.id === 'ask')?.with).toEqual({
    cases: [{ port: 'yes', when: { cel: 'steps.fetch.status == 200 && steps.fetch.body != null' } }],
  })
  expect(made.nodes.find((node) => node.id === 'tell')?.with).toEqual({
    url: { text: 'https://example.com/{{ item.id }}/{{ steps.fetch.status }}' },
  })
  expect(made.output).toEqual({ status: { cel: 'steps.fetch.status' } })
  expect(made.edges).toContainEqual({ from: 'start', to: 'fetch' })
  expect(JSON.stringify(made)).not.toContain('read.')
})

test('what a loop holds stays in it when it is renamed', () => {
  const made = applyAll(sample(), renameNode(sample(), 'every', 'customers'))
  expect(made.nodes.find((node) => node.id === 'tell')?.within).toBe('customers')
})

test('a name that is taken, or none that expressions can say, is refused', () => {
  expect(renameNode(sample(), 'read', 'ask')).toEqual([])
  expect(renameNode(sample(), 'read', 'two words')).toEqual([])
})

test('names bound inside an expression are its own', () => {
  const text = 'input.list.map(steps, steps.read)'
  expect(rewriteExpression(text, () => 'x')).toBe('x.map(steps, steps.read)')
})

test('a copy has ids of its own, and its expressions mean the copies', () => {
  const part = readPart(JSON.stringify(copyPart(sample(), ['read', 'ask', 'every'])))
  if (part === undefined) throw new Error('it was not read')
  const { changes, ids } = pastePart(sample(), part, { x: 400, y: 40 })
  const made = applyAll(sample(), changes)
  expect(ids).toEqual(['read_2', 'ask_2', 'every_2'])
  expect(made.nodes.find((node) => node.id === 'tell_2')).toMatchObject({
    within: 'every_2',
    with: { url: { text: 'https://example.com/{{ item.id }}/{{ steps.read_2.status }}' } },
    at: { x: 24, y: 96 },
  })
  expect(made.edges).toContainEqual({ from: 'ask_2', port: 'yes', to: 'every_2' })
  expect(new Set(made.nodes.map((node) => node.id)).size).toBe(made.nodes.length)
})

test('a second start is not pasted, and what is no part of an automation is not taken for one', () => {
  const part = copyPart(sample(), ['start', 'read'])
  expect(pastePart(sample(), part, { x: 0, y: 0 }).ids).toEqual(['read_2'])
  for (const text of ['', 'hello', '{}', '{"auterity":"nodes","nodes":[]}']) expect(readPart(text)).toBeUndefined()
})

test('an id is made of words, and counted on where it is taken', () => {
  const taken = new Set(['ask_dana', 'step'])
  expect(freshId(taken, 'Ask Dana?')).toBe('ask_dana_2')
  expect(freshId(new Set(['wait_2', 'wait']), 'wait_2')).toBe('wait_3')
  expect(freshId(taken, 'Größe: 3')).toBe('gro_e_3')
  expect(freshId(taken, '123')).toBe('step_2')
})
