import { expect, test } from 'vitest'
import type { Dialogue, Part } from '#schemas/gateway/wires/dialogue.ts'
import { readAsked, type Asked } from './asked.ts'
import { estimatedInput, estimatedTokens } from './estimate.ts'

const saying = (...parts: Part[]): Dialogue => ({ model: 'm', turns: [{ role: 'user', parts }] })
const text = (said: string): Part => ({ type: 'text', text: said })

test('a question of English is about a token for four characters, one of Japanese about one for each', () => {
  expect(estimatedTokens(saying(text('x'.repeat(400))))).toBe(104)
  expect(estimatedTokens(saying(text('在庫は何台ありますか')))).toBe(14)
})

test('an image counts as an image, not as the bytes that it is sent in', () => {
  const base64 = 'A'.repeat(1_000_000)
  const image: Part = { type: 'image', source: { from: 'bytes', mime: 'image/png', base64 } }
  expect(estimatedTokens(saying(text('What is this?'), image))).toBeLessThan(1100)
})

test('tools, calls and their results count', () => {
  const call: Part = { type: 'tool_call', id: 'a', name: 'find', arguments: '{"colour":"red"}' }
  const result: Part = { type: 'tool_result', call: 'a', parts: [{ type: 'text', text: 'x'.repeat(400) }] }
  const bare = estimatedTokens(saying(call, result))
  expect(bare).toBe(109)
  expect(estimatedTokens({ ...saying(call, result), tools: [{ type: 'function', name: 'find' }] })).toBeGreaterThan(
    bare,
  )
})

test('what cannot be read is counted by its length', () => {
  const asked = readAsked('chat', Buffer.from(`{"model":"fast","messages":"${'x'.repeat(400)}"}`)) as Asked
  expect(estimatedInput(asked)).toBe(108)
})
