import { expect, test } from 'vitest'
import { shortcutFinder } from './shortcuts.ts'

const shortcuts = ['?', 'g r', 'g a', 'mod+k'].map((keys) => ({ keys, title: keys, act: () => {} }))
let now = 0
const pressing = () => {
  const find = shortcutFinder(
    () => shortcuts,
    () => now,
  )
  return (key: string, more: { meta?: boolean; typing?: boolean } = {}) =>
    find({ key, meta: false, typing: false, ...more })?.keys
}

test('one key, and one key after the other', () => {
  const press = pressing()
  expect([press('?'), press('g'), press('r'), press('r'), press('G'), press('A')]).toEqual([
    '?',
    undefined,
    'g r',
    undefined,
    undefined,
    'g a',
  ])
})

test('the first key of a pair is forgotten after a while, and by any other key', () => {
  const press = pressing()
  press('g')
  now += 5000
  expect(press('r')).toBeUndefined()
  press('g')
  press('x')
  expect(press('r')).toBeUndefined()
})

test('while typing only Ctrl or ⌘ keys count', () => {
  const press = pressing()
  expect(press('?', { typing: true })).toBeUndefined()
  expect(press('k', { typing: true, meta: true })).toBe('mod+k')
})
