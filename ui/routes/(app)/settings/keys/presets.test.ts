import { expect, test } from 'vitest'
import { scopes, scopesOf } from '#schemas/access.ts'
import { isSame, presetsFor } from './presets.ts'

test('the presets go from the narrowest to all that the maker has', () => {
  expect(presetsFor(scopes).map(({ title, scopes: given }) => [title, given.length])).toEqual([
    ['Follow leads', 2],
    ['Decide on replies', 2],
    ['Read everything', scopes.filter((scope) => scope.endsWith(':read')).length],
    ['Everything', scopes.length],
  ])
})

test('a preset never gives away what its maker does not have', () => {
  for (const preset of presetsFor(scopesOf.viewer))
    expect(preset.scopes.every((scope) => scopesOf.viewer.includes(scope))).toBe(true)
  expect(presetsFor(['audit:read']).map(({ title }) => title)).toEqual(['Read everything', 'Everything'])
})

test('order does not matter', () => {
  expect(isSame(['runs:read', 'audit:read'], ['audit:read', 'runs:read'])).toBe(true)
  expect(isSame(['runs:read'], ['audit:read'])).toBe(false)
  expect(isSame([], ['audit:read'])).toBe(false)
})
