import { hash } from 'node:crypto'
import { isObject } from '#schemas/automation/json.ts'
import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Caller, Models } from '../store-known.ts'
import type { Asked } from './asked.ts'
import type { CachePolicy } from './cache-policy.ts'
import { questionOf } from './cache-question.ts'
import { isRepeatable } from './cache-repeatable.ts'
import type { Way } from './steer.ts'

/** Under what an answer is kept. */
export type CacheKey = {
  key: string
  /** The same without the last question, and that question: null where only the very same request may have the answer. */
  similar: { context: string; question: string } | null
}

/** Changes whenever the same request would get another key. */
const edition = 1
/** Members on which no answer hangs: who asks, how it is sent, how it is labelled. The model is told apart from the body. */
const labels: ReadonlySet<string> = new Set([
  'model',
  'user',
  'metadata',
  'stream',
  'stream_options',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'store',
])
/** Larger than what is asked twice: it would take longer to tell than is worth it. */
const largest = 1_048_576
/** Deeper than any request that means something, and far from the end of the stack. */
const deepest = 200

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** A whole number that JavaScript does not tell from its neighbours: it has no key of its own. */
const tooExact = /[:[,\s]-?\d{16}/
/** The same, told sooner: a text seldom has so many digits. */
const manyDigits = /\d{16}/

/** The key of a request; null where its answer is not to be kept or given again. */
export function cacheKeyOf(
  asked: Asked,
  way: Way,
  { caller, models, policy }: { caller: Caller; models: Models; policy: CachePolicy },
): CacheKey | null {
  // of a form the bytes are its fields alone, and two with other files have the same
  const body = asked.form === undefined ? bodyOf(asked) : null
  if (body === null || !isRepeatable(asked, body, policy.known.sampled)) return null
  const { tenant } = caller
  const { scope, epoch } = policy.known
  const about = canonical([
    edition,
    epoch,
    tenant,
    scope === 'key' ? caller.key : null,
    scope === 'user' ? [caller.user?.id ?? null, userIn(body)] : null,
    asked.operation,
    asked.model,
    targetsOf(way, models),
    way.steered?.by?.label ?? null,
    asked.settings ?? null,
    asked.drops,
    asked.headers,
  ])
  const key = hashOf(about, body)
  const similar = policy.isSemantic ? questionOf(asked, body) : null
  if (key === null || similar === null) return key === null ? null : { key, similar: null }
  const context = hashOf(`${about}\n${similar.numbers.join(' ')}`, similar.rest)
  return { key, similar: context === null ? null : { context, question: similar.question } }
}

/** What is asked, where it has one meaning alone: what comes twice, or is not text, is read otherwise by others. */
const bodyOf = ({ bytes, scanned }: Asked): JsonMembers | null => {
  if (bytes.length > largest) return null
  if (new Set(scanned.members.map(({ key }) => key)).size < scanned.members.length) return null
  try {
    const text = decoder.decode(bytes)
    if (manyDigits.test(text) && tooExact.test(text)) return null
    const body: unknown = JSON.parse(text)
    return isObject(body) ? body : null
  } catch {
    return null
  }
}

const hashOf = (about: string, body: JsonMembers): string | null => {
  const said = Object.fromEntries(Object.entries(body).filter(([name]) => !labels.has(name)))
  try {
    return hash('sha256', `${about}\n${canonical(said)}`, 'base64url')
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Its JSON, however the members of its objects were ordered and spaced. */
export const canonical = (value: unknown, depth = 0): string => {
  if (depth > deepest) throw new RangeError('too deep')
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.keys(value)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`)
  return `{${members.join(',')}}`
}

/** Who may answer, and where they are: an answer of one is no answer of another. */
const targetsOf = ({ route }: Way, { providers }: Models): string[][] =>
  (route?.targets ?? [])
    .filter(({ weight }) => weight > 0)
    .map(({ provider, model }) => {
      const known = providers.get(provider)
      return [provider, known?.kind ?? '', known?.baseUrl ?? '', model]
    })
    .toSorted((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1))

/** For whom a program asks, as the wires name them. */
const userIn = ({ user, safety_identifier: safe, metadata }: JsonMembers): unknown =>
  safe ?? user ?? (isObject(metadata) ? (metadata['user_id'] ?? null) : null)
