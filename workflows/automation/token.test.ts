import type { CancellationScope } from '@temporalio/workflow'
import { expect, test } from 'vitest'
import { ScopeToken } from './token.ts'

const apart = {} as CancellationScope

test('what is begun under something that was stopped in the same breath is stopped from the start', () => {
  const parent = new ScopeToken(null, apart)
  parent.stop()
  const child = new ScopeToken(parent, apart)
  expect(child.stopped).toBe(true)
  const told: string[] = []
  child.onStop(() => told.push('stopped'))
  expect(told).toEqual(['stopped'])
})

test('what has ended is forgotten by what it stood in', () => {
  const parent = new ScopeToken(null, apart)
  const [first, second] = [new ScopeToken(parent, apart), new ScopeToken(parent, apart)]
  first.stop()
  expect([parent.stopped, second.stopped]).toEqual([false, false])
  parent.stop()
  expect(second.stopped).toBe(true)
})
