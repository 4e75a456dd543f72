import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile, type Plan } from '#schemas/steering/compile.ts'
import { evaluate } from '#schemas/steering/evaluate.ts'
import { steering } from '#test/harness/steering.ts'
import { readAsked, type Asked } from './asked.ts'
import { AskedFacts } from './facts.ts'
import { keyless } from './keyless.ts'

const caller = keyless('tnt_1')
const budget = () => {
  throw new Error('no rule reads it')
}
const factsOf = (asked: Asked, reads: Plan['reads']) =>
  new AskedFacts({ id: 'tnt_1', name: 'North' }, caller, asked, reads, { budget, judge: null })

// few letters, so that what is looked for is often nearly there, and all that JSON may write in several ways
const piece = fc.constantFrom('a', 'b', 'ab', ' ', '\n', '"', '\\', '/', 'ü', '€', '日', '😀', '\u0007')
const text = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''))
const message = fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text })
/** As a client writes it that keeps to ASCII. */
const escaped = (json: string): string =>
  json.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const chat = fc
  .record({ messages: fc.array(message, { maxLength: 5 }), ascii: fc.boolean(), spaces: fc.boolean() })
  .map(({ messages, ascii, spaces }) => {
    const json = JSON.stringify({ model: 'fast', messages }, null, spaces ? 1 : 0)
    return { operation: 'chat' as const, json: ascii ? escaped(json) : json }
  })
const part = fc.oneof(
  text.map((said) => ({ type: 'text', text: said })),
  text.map((content) => ({ type: 'tool_result', tool_use_id: 't', content })),
)
const messages = fc
  .array(fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.array(part, { maxLength: 4 }) }), {
    maxLength: 4,
  })
  .map((all) => ({
    operation: 'messages' as const,
    json: JSON.stringify({ model: 'fast', max_tokens: 9, messages: all }),
  }))
const inputs = fc
  .array(text, { maxLength: 6 })
  .map((input) => ({ operation: 'embeddings' as const, json: JSON.stringify({ model: 'fast', input }) }))
const condition = fc.oneof(
  fc
    .record({
      of: fc.constantFrom('text', 'last'),
      how: fc.constantFrom('contains', 'startsWith', 'endsWith'),
      part: text,
    })
    .map(({ of, how, part }) => `prompt.${of}.${how}(${JSON.stringify(part)})`),
  fc
    .record({
      of: fc.constantFrom('tokens', 'turns', 'characters', 'systemCharacters', 'lastCharacters'),
      op: fc.constantFrom('>', '>='),
      bound: fc.nat(60),
    })
    .map(({ of, op, bound }) => `prompt.${of} ${op} ${bound}`),
)

test('what is told of a prompt unread never contradicts what is read', () => {
  fc.assert(
    fc.property(fc.oneof(chat, messages, inputs), condition, ({ operation, json }, when) => {
      const asked = readAsked(operation, Buffer.from(json), {}, false)
      if ('why' in asked) throw new Error(asked.why)
      const plan = compile(steering({ id: 'one', when, decide: { keep: true } }))
      const unread = evaluate(plan, factsOf(asked, plan.reads))
      const read = Object.defineProperty(factsOf(asked, plan.reads), 'unread', { value: undefined })
      expect(unread.held).toEqual(evaluate(plan, read).held)
    }),
    { numRuns: 2000 },
  )
})

test('a small prompt is not read to learn that it is not large, nor for a word that is nowhere in the body', () => {
  const json = JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'What is on the lot?' }] })
  const asked = readAsked('chat', Buffer.from(json), {}, false)
  if ('why' in asked) throw new Error(asked.why)
  const held = (when: string) => {
    const plan = compile(steering({ id: 'one', when, decide: { keep: true } }))
    const facts = factsOf(asked, plan.reads)
    let reads = 0
    const prompt = facts.prompt.bind(facts)
    facts.prompt = () => {
      reads++
      return prompt()
    }
    return { held: evaluate(plan, facts).held.length === 1, reads }
  }
  expect(held('prompt.tokens > 8000')).toEqual({ held: false, reads: 0 })
  expect(held('prompt.turns > 20')).toEqual({ held: false, reads: 0 })
  expect(held('prompt.text.contains("lease")')).toEqual({ held: false, reads: 0 })
  expect(held('prompt.text.contains("on the lot")')).toEqual({ held: true, reads: 1 })
  expect(held('prompt.tokens > 3')).toEqual({ held: true, reads: 1 })
})
