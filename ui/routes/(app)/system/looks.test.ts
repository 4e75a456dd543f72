import { expect, test } from 'vitest'
import { countOf } from './looks.ts'

const now = { running: 3, inbox: 1 }

test('a part that is away says how much waits for it', () => {
  expect(countOf('worker', now)).toBe('Now waiting: 3 runs on the way, 1 lead not started.')
  expect(countOf('temporal', { running: 0, inbox: 1200 })).toBe('Now waiting: 1,200 leads not started.')
  expect(countOf('sandbox', now)).toBe('Now waiting: 3 runs on the way.')
  expect(countOf('projector', now)).toBe('Now waiting: 1 lead not started.')
  expect(countOf('projector', { running: 3, inbox: 0 })).toBe('Nothing waits for it yet.')
})

test('where nobody can count nothing is said', () => {
  expect(countOf('postgres', now)).toBeUndefined()
  expect(countOf('api', now)).toBeUndefined()
  expect(countOf('worker', undefined)).toBeUndefined()
})
