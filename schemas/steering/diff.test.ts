import { expect, test } from 'vitest'
import { steering } from '#test/harness/steering.ts'
import { diff } from './diff.ts'
import type { Rule } from './document.ts'
import { versionHash } from './version.ts'

const rule = (id: string, change: Partial<Rule> = {}): Rule => ({ id, decide: { route: id }, ...change })

test('two documents that mean the same do not differ', () => {
  expect(diff(steering(rule('a'), rule('b')), steering(rule('a'), rule('b')))).toEqual([])
})

test('rules that were added, removed, changed and moved are told by their ids', () => {
  const a = steering(rule('a'), rule('b'), rule('c', { when: 'true', for: { teams: ['x'] } }), rule('d'))
  const b = {
    ...steering(rule('d'), rule('a', { enabled: false }), rule('c', { for: { teams: ['y'] } }), rule('e')),
    name: 'B',
  }
  expect(diff(a, b)).toEqual([
    { rule: null, change: 'changed', moved: false, fields: [{ path: '/name', from: 'Test', to: 'B' }] },
    { rule: 'b', change: 'removed', moved: false, fields: [] },
    { rule: 'd', change: 'moved', moved: true, fields: [] },
    { rule: 'a', change: 'changed', moved: false, fields: [{ path: '/enabled', to: false }] },
    {
      rule: 'c',
      change: 'changed',
      moved: false,
      fields: [
        { path: '/when', from: 'true' },
        { path: '/for/teams', from: ['x'], to: ['y'] },
      ],
    },
    { rule: 'e', change: 'added', moved: false, fields: [] },
  ])
})

test('a version is known by the bytes of its text: a comment makes another one', async () => {
  expect(await versionHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(await versionHash('name: ä')).not.toBe(await versionHash('name: ä # why'))
})
