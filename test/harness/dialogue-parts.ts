import * as fc from 'fast-check'
import type { JsonMembers, Part, ToolResultPart } from '#schemas/gateway/wires/dialogue.ts'
import { known } from '#schemas/gateway/wires/members.ts'

/** Of whom dialogues and answers are made at random. */
export type Sayable = {
  wire: 'chat' | 'messages' | 'responses' | 'gemini' | 'converse'
  /** Thoughts of the model, signed by the wire. */
  thoughts?: boolean
}

export const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((one) => one.trim() !== '')
export const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
export const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) => Buffer.from(bytes).toString('base64'))
export const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
export const json = fc
  .dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true })
  // JSON has no -0
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonMembers)
const callId = fc.stringMatching(/^call_[a-zA-Z0-9]{6}$/)

export const cacheOf = ({ wire }: Sayable) =>
  wire === 'messages' || wire === 'converse'
    ? maybe(fc.constantFrom({}, { seconds: 300 }, { seconds: 3600 }))
    : wire === 'gemini'
      ? fc.constant(undefined)
      : maybe(fc.constantFrom({}, { seconds: 1800 }, { seconds: 43_200 }))

export const textPart = (say: Sayable) =>
  fc.record({ type: fc.constant('text' as const), text, cache: cacheOf(say) }).map(known)

export const imagePart = (say: Sayable) => {
  const bytes = base64.map((data) => ({ from: 'bytes' as const, mime: 'image/png', base64: data }))
  const url = word.map((name) => ({ from: 'url' as const, url: `https://example.com/${name}.png` }))
  const source = say.wire === 'converse' ? bytes : say.wire === 'gemini' ? bytes : fc.oneof(bytes, url)
  const detail =
    say.wire === 'chat'
      ? maybe(fc.constantFrom('low' as const, 'high' as const))
      : say.wire === 'responses'
        ? fc.constantFrom('auto' as const, 'low' as const)
        : fc.constant(undefined)
  return fc.record({ type: fc.constant('image' as const), source, detail, cache: cacheOf(say) }).map(known)
}

export const documentPart = (say: Sayable) => {
  const source = base64.map((data) => ({ from: 'bytes' as const, mime: 'application/pdf', base64: data }))
  // Bedrock's names are of few letters
  const name = say.wire === 'gemini' ? fc.constant(undefined) : say.wire === 'converse' ? fc.constant('offer') : word
  return fc.record({ type: fc.constant('document' as const), source, name, cache: cacheOf(say) }).map(known)
}

const thinkingPart = ({ wire }: Sayable): fc.Arbitrary<Part> => {
  // OpenAI gives a thought an id, and tells summaries of it
  const own = wire === 'responses' ? { id: fc.stringMatching(/^rs_[a-z0-9]{8}$/) } : {}
  const told = wire === 'responses' ? { summary: maybe(fc.constant(true as const)) } : {}
  // what Claude signs on Bedrock it knows at Anthropic too; what it hides there it does not
  const hiddenSeal = base64.map((data) => ({ wire, data }))
  const seal = wire === 'converse' ? base64.map((data) => ({ wire: 'messages' as const, data })) : hiddenSeal
  const thinking = fc.constant('thinking' as const)
  if (wire === 'gemini') return fc.record({ type: thinking, text, seal }).map(known)
  return fc.oneof(
    fc.record({ type: thinking, text, seal, ...own, ...told }).map(known),
    fc
      .record({ type: thinking, text: fc.constant(''), hidden: fc.constant(true as const), seal: hiddenSeal, ...own })
      .map(known),
  ) as fc.Arbitrary<Part>
}

/** On most wires a call tells an object; on those of OpenAI it is a text, which need be no JSON. */
export const callPart = (say: Sayable): fc.Arbitrary<Part> => {
  const given = json.map((value) => JSON.stringify(value))
  const free = say.wire === 'chat' || say.wire === 'responses'
  return fc
    .record({
      type: fc.constant('tool_call' as const),
      id: callId,
      name: word,
      arguments: free ? fc.oneof(given, text) : given,
    })
    .map(known)
}

export const resultPart = (say: Sayable): fc.Arbitrary<ToolResultPart> => {
  // Bedrock marks results for the cache, not what stands in them
  const bare: Sayable = say.wire === 'converse' ? { wire: 'gemini' } : say
  const inner = say.wire === 'chat' || say.wire === 'gemini' ? textPart(say) : fc.oneof(textPart(bare), imagePart(bare))
  const most = say.wire === 'gemini' ? 1 : 3
  const failed =
    say.wire === 'messages' || say.wire === 'converse' ? maybe(fc.constant(true as const)) : fc.constant(undefined)
  return fc
    .record({
      type: fc.constant('tool_result' as const),
      call: callId,
      parts: fc.array(inner, { minLength: 1, maxLength: most }),
      failed,
    })
    .map(known) as fc.Arbitrary<ToolResultPart>
}

export const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 })

export const answerParts = (say: Sayable): fc.Arbitrary<Part[]> => {
  const thoughts = say.thoughts ? fc.array(thinkingPart(say), { maxLength: 2 }) : fc.constant([])
  // OpenAI marks no answers for the cache
  const spoken: fc.Arbitrary<Part> =
    say.wire === 'responses' ? text.map((one): Part => ({ type: 'text', text: one })) : textPart(say)
  return fc
    .tuple(thoughts, fc.array(spoken, { maxLength: 2 }), fc.array(callPart(say), { maxLength: 2 }))
    .map(([thinking, texts, calls]) => [...thinking, ...texts, ...calls])
    .filter((parts) => parts.length > 0)
}
