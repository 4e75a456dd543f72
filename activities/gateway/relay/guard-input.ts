import {
  eachDescription,
  eachText,
  parseKept,
  TooDeep,
  type See,
  type Speaker,
} from '#schemas/gateway/guardrails/body.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { scan, spanOf, splice, valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'
import { estimatedInput } from './estimate.ts'
import type { Seen } from './guard-seen.ts'
import type { Texts } from './guard-texts.ts'
import { allowedTools } from './guard-tools.ts'
import { lengthAsked } from './most.ts'

/** What of a body is said by whom; tools and schemas are told in sentences. */
const talked: Readonly<Record<Operation, Readonly<Record<string, Speaker>>>> = {
  chat: { messages: 'user', prediction: 'assistant', user: 'echo', safety_identifier: 'echo', metadata: 'echo' },
  completions: { prompt: 'user', suffix: 'user', user: 'echo' },
  responses: {
    instructions: 'system',
    input: 'user',
    prompt: 'user',
    user: 'echo',
    safety_identifier: 'echo',
    metadata: 'echo',
  },
  messages: { system: 'system', messages: 'user', metadata: 'echo' },
  embeddings: { input: 'user', user: 'echo' },
  count_tokens: { system: 'system', messages: 'user' },
  moderations: { input: 'user' },
  images: { prompt: 'user', user: 'echo' },
  image_edits: { prompt: 'user', user: 'echo' },
  image_variations: { user: 'echo' },
  speech: { input: 'user', instructions: 'system' },
  transcriptions: { prompt: 'user' },
  translations: { prompt: 'user' },
}
const described = ['tools', 'functions', 'response_format', 'text', 'output_config', 'output_format']

/** What becomes of a request: the bytes that go on, the length that its answer may have, or why it goes nowhere. */
export type Looked = { asked: Asked; maxTokens: number | null; refusal: Failure | null }

/** Lets all that look at what is asked look at it. `maxTokens`: what rules have set. */
export function lookAtInput(asked: Asked, seen: readonly Seen[], texts: Texts, maxTokens: number | null): Looked {
  try {
    const limit = limited(asked, seen, maxTokens)
    const offer = allowedTools(asked, seen)
    const set = { ...rewritten(asked, seen, texts), ...offer.set }
    const refused = seen.find(({ isBlocked }) => isBlocked)
    const refusal = refused?.refusal ?? null
    if (refusal !== null || (!hasAny(set) && offer.drop.length === 0)) return { asked, maxTokens: limit, refusal }
    if (asked.form !== undefined) return { asked, maxTokens: limit, refusal: changes(asked, set) ? fixed : null }
    const bytes = without(Buffer.concat(splice(asked.bytes, asked.scanned, set)), offer.drop)
    return { asked: { ...asked, bytes, scanned: scan(bytes) ?? asked.scanned }, maxTokens: limit, refusal: null }
  } catch (error) {
    if (error instanceof SyntaxError)
      return { asked, maxTokens: null, refusal: failure('invalid', 'The body is not JSON.') }
    // so deep that reading it takes more room than there is
    if (error instanceof TooDeep || error instanceof RangeError)
      return { asked, maxTokens: null, refusal: failure('invalid', 'The body is nested too deeply to be looked at.') }
    throw error
  }
}

/** The pieces of a form go on as they came: what a guardrail would change of it cannot be. */
const fixed = failure('invalid', 'A guardrail would change a field of this form, and forms go on as they came.', {
  code: 'guardrail_form',
})
const changes = ({ bytes, scanned }: Asked, set: Readonly<Record<string, string>>): boolean =>
  Object.entries(set).some(([key, value]) => JSON.stringify(valueAt(bytes, scanned, key)) !== value)

/** The body less some of its members. */
const without = (bytes: Buffer, drop: readonly string[]): Buffer => {
  const members = drop.length === 0 ? undefined : scan(bytes)?.members
  if (members === undefined) return bytes
  const left = members.filter(({ key }) => !drop.includes(key))
  const said = left.map(({ key, value }) => `${JSON.stringify(key)}:${bytes.toString('utf8', value.start, value.end)}`)
  return Buffer.from(`{${said.join(',')}}`)
}

const hasAny = (members: object): boolean => Object.keys(members).length > 0

const judging = (seen: readonly Seen[]): See => {
  const judges = seen.filter(({ applied }) => applied.guard.check.does === 'judges')
  if (judges.length === 0) return (text) => text
  return (text, { by }) => {
    if (by !== 'user' && by !== 'tool') return text
    for (const one of judges) {
      const { check } = one.applied.guard
      if (check.does !== 'judges') continue
      const { score, why } = check.judge(text)
      if (score >= check.threshold) one.object('input', 'injection', why)
    }
    return text
  }
}

/** The members of the body in which something was changed, as JSON. */
const rewritten = (
  { operation, bytes, scanned }: Asked,
  seen: readonly Seen[],
  texts: Texts,
): Record<string, string> => {
  const judges = seen.some(({ applied }) => applied.guard.check.does === 'judges')
  if (!judges && !texts.look('input')) return {}
  const judge = judging(seen)
  const see: See = (text, place) => {
    judge(text, place)
    // who is named as the user is a person too
    return texts.whole('input', text, place.by === 'echo' ? { ...place, by: 'user' } : place)
  }
  const set: Record<string, string> = {}
  // where something may be held back, each reader of the body has to find what was looked at: keys that come twice are one
  const isSure = texts.changes('input')
  const rewrite = (key: string, by: (value: unknown) => unknown) => {
    const span = spanOf(scanned, key)
    if (span === undefined) return
    const before = Buffer.from(bytes.subarray(span.start, span.end)).toString()
    const value = by(parseKept(before))
    if (isSure) set[key] = JSON.stringify(value)
  }
  for (const [key, by] of Object.entries(talked[operation]))
    rewrite(key, (value) => {
      if (isTokens(value))
        for (const one of seen)
          if (one.applied.guard.check.does === 'finds' && one.applied.guard.input) one.object('input', 'text_as_tokens')
      return eachText(value, by, see)
    })
  for (const key of described) rewrite(key, (value) => eachDescription(value, see))
  return set
}

/** A text given as numbers of tokens, which nobody can look at. */
const isTokens = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.some((one) => typeof one === 'number' || (Array.isArray(one) && one.some((token) => typeof token === 'number')))

/** How long the answer may be where that is limited; null where it stays as it is. */
const limited = (asked: Asked, seen: readonly Seen[], set: number | null): number | null => {
  let most: number | null = null
  for (const one of seen) {
    const { guard, act } = one.applied
    const { check } = guard
    if (check.does !== 'limits') continue
    if (check.input !== null && estimatedInput(asked) > check.input)
      one.object('input', 'question_too_long', [`takes questions of ${check.input} tokens at the most`])
    if (check.output === null || !answersAtLength.has(asked.operation)) continue
    const wanted = set ?? lengthAsked(asked)
    const isOver = wanted !== undefined && wanted > check.output
    if (isOver) one.count('input', 'answer_too_long')
    if (isOver && act !== 'mask')
      one.do(act === 'block' ? 'blocked' : 'flagged', [`takes answers of ${check.output} tokens at the most`])
    if (act === 'flag' || (wanted !== undefined && !isOver)) continue
    if (isOver) one.do('masked')
    most = Math.min(most ?? Infinity, check.output)
  }
  return most
}

const answersAtLength = new Set<Operation>(['chat', 'completions', 'responses', 'messages'])
