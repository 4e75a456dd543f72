import { expect, test } from 'vitest'
import { applyAll, merge } from '#schemas/automation/change.ts'
import type { Change } from '#schemas/automation/problem.ts'
import { fieldInConflict, sideInShort } from './conflicts.ts'
import { sample } from './sample.ts'

const said = (mine: Change[], theirs: Change[]): string[] => {
  const { definition, conflicts } = merge(sample(), applyAll(sample(), mine), applyAll(sample(), theirs))
  return conflicts.map(
    (one) => `${fieldInConflict(one, definition)}: ${sideInShort(one.theirs)} / ${sideInShort(one.mine)}`,
  )
}
const set = (path: string, value: unknown, node: string | null = 'read'): Change => ({ do: 'set', node, path, value })

test('a step that one took away and the other changed is told as that, not by its fields', () => {
  expect(said([{ do: 'remove_node', node: 'read' }], [set('/title', 'Fetch')])).toEqual([
    '“Fetch”: kept and changed / taken away',
  ])
})

test('a field that both changed is told by its name, with what each wrote', () => {
  expect(said([set('/with/url', 'https://mine')], [set('/with/url', { cel: 'input.url' })])).toEqual([
    '“Read”, Address: input.url / https://mine',
  ])
  expect(said([set('/name', 'Mine', null)], [set('/name', 'Theirs', null)])).toEqual([
    'the automation, name: Theirs / Mine',
  ])
  expect(sideInShort({ a: 1, b: 2 })).toBe('2 fields')
  expect(sideInShort('')).toBe('empty')
})
