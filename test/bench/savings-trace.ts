import { readAsked, type Asked } from '#activities/gateway/relay/asked.ts'
import { cacheKeyOf } from '#activities/gateway/relay/cache-key.ts'
import type { CachePolicy } from '#activities/gateway/relay/cache-policy.ts'
import { seedOf } from '#activities/gateway/relay/prefix.ts'
import type { Way } from '#activities/gateway/relay/steer.ts'
import { trimmedOf } from '#activities/gateway/relay/trimming.ts'
import { noModels } from '#activities/gateway/store-known.ts'
import { hashOf } from '#schemas/gateway/classifier/outcome.ts'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import { valueAt } from '#schemas/gateway/wires/splice.ts'
import { drawing } from './savings-measure.ts'
import type { Recorded } from './savings-read.ts'
import { keyless } from '#activities/gateway/relay/keyless.ts'

/**
 * A trace that is made up: which application asks when, in which conversation, after which instructions, how often the same comes
 * again, what may wait. Recorded are only the questions and how well both models answered them.
 */
export type App = {
  name: string
  kind: KindName
  strong: string
  weak: string
  /** Of all requests, in percent. */
  share: number
  /** Tokens of the instructions that all its requests begin with, and of an answer. */
  instructions: number
  answer: number
  /** Whether it says which kind of task it asks for. */
  declares: boolean
  /** Whether its answers may come the next day. */
  waits: boolean
  /** How many turns a conversation has in the mean; 1 is none. */
  turns: number
  /** How fast a question is the rarer, the further down the list (Zipf); 0 draws evenly. */
  repeats: number
  /** Tokens of a document that a turn brings along, and how often it is one that the conversation had already. */
  document: number
  again: number
}

const pairs = {
  openai: { kind: 'openai', strong: 'gpt-5', weak: 'gpt-5-nano' },
  anthropic: { kind: 'anthropic', strong: 'claude-sonnet-4-5', weak: 'claude-haiku-4-5' },
  gemini: { kind: 'gemini', strong: 'gemini-2.5-pro', weak: 'gemini-2.5-flash-lite' },
} as const
const plain = { declares: true, waits: false, turns: 1, repeats: 0, document: 0, again: 0 }

const apps: readonly App[] = [
  { ...plain, ...pairs.openai, name: 'chat', share: 25, instructions: 1800, answer: 250, declares: false, turns: 5 },
  {
    ...plain,
    ...pairs.anthropic,
    name: 'service desk',
    share: 15,
    instructions: 2500,
    answer: 250,
    turns: 4,
    document: 900,
    again: 0.4,
  },
  { ...plain, ...pairs.openai, name: 'website', share: 20, instructions: 1200, answer: 150, repeats: 1 },
  { ...plain, ...pairs.gemini, name: 'search', share: 10, instructions: 600, answer: 120, repeats: 0.8 },
  { ...plain, ...pairs.openai, name: 'nightly notes', share: 20, instructions: 900, answer: 200, waits: true },
  {
    ...plain,
    ...pairs.anthropic,
    name: 'weekly review',
    share: 10,
    instructions: 1500,
    answer: 400,
    waits: true,
    declares: false,
  },
]

/** A text that is said, what it is told apart by, and how many tokens it takes. */
type Said = { hash: number; tokens: number }
/** What is sent at one time, whole or trimmed. */
export type Sending = {
  /** Everything in order: of each, what it and all before it is told apart by, and how many tokens that is. */
  prefixes: Said[]
  tokens: number
  /** The number of its conversation, as the gateway makes it out, and what the whole request is told apart by. */
  seed: number
  key: string
}
export type Request = {
  at: number
  app: App
  row: Recorded
  answer: number
  whole: Sending
  trimmed: Sending
  chance: number
}

/** Requests over this time, in ms: a working day. */
const day = 8 * 3_600_000
const charactersPerToken = 4
/** How much of a question is asked here, in characters: conversations repeat it with every turn. */
const mostAsked = 4000
const words =
  'price lease service contract test drive tyre winter offer trade insurance warranty invoice customer part'.split(' ')

/** A text of about so many tokens, the same for the same seed. */
const textOf = (seed: number, tokens: number): string => {
  const random = drawing(seed)
  let text = ''
  while (text.length < tokens * charactersPerToken) text += `${words[Math.floor(random() * words.length)]} `
  return text
}

type Message = { role: 'system' | 'user' | 'assistant'; content: string }

const sendingOf = (model: string, messages: readonly Message[]): Sending => {
  const prefixes: Said[] = []
  let [hash, tokens] = [hashOf(model), 0]
  for (const { content } of messages) {
    hash = hashOf(content, hash)
    tokens += Math.ceil(content.length / charactersPerToken) + 4
    prefixes.push({ hash, tokens })
  }
  const asked = readAsked('chat', Buffer.from(JSON.stringify({ model, messages }))) as Asked
  return { prefixes, tokens, seed: seedOf(asked), key: keyOf(asked) }
}

const way: Way = {
  steered: null,
  alias: null,
  route: undefined,
  settings: null,
  caching: null,
  guardrails: null,
  refusal: null,
}
const caller = keyless('any')
const policy: CachePolicy = {
  isSemantic: false,
  ttlMs: Infinity,
  similarity: 1,
  known: noModels.cache,
  mostAgeMs: Infinity,
  refreshes: false,
}

const keyOf = (asked: Asked): string => {
  const found = cacheKeyOf(asked, way, { caller, models: noModels, policy })
  if (found === null) throw new Error('a request of the trace has no key')
  return found.key
}

const shorterOf = (messages: readonly Message[]): Message[] => {
  const asked = readAsked('chat', Buffer.from(JSON.stringify({ model: 'any', messages }))) as Asked
  const shorter = trimmedOf(asked)?.asked ?? asked
  return valueAt(shorter.bytes, shorter.scanned, 'messages') as Message[]
}

/** So many requests, drawn from a seed, in the order in which they come. */
export function traceOf(rows: readonly Recorded[], count: number, seed: number): Request[] {
  if (rows.length === 0) return []
  const random = drawing(seed)
  const found: Request[] = []
  const pool = rows
    .map((row) => ({ ...row, prompt: row.prompt.slice(-mostAsked) }))
    .map((row) => ({ row, place: hashOf(row.prompt, seed) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ row }) => row)
  for (const app of apps) {
    const draw = drawnBy(pool, app.repeats, random)
    const system = { role: 'system', content: textOf(hashOf(app.name), app.instructions) } as const
    let left = Math.round((count * app.share) / 100)
    while (left > 0) {
      const turns = Math.min(left, app.turns === 1 ? 1 : 1 + Math.floor(-Math.log(1 - random()) * (app.turns - 1)), 20)
      let at = random() * day
      const messages: Message[] = [system]
      const documents: number[] = []
      for (let turn = 0; turn < turns; turn++, at += 20_000 + random() * 120_000) {
        const row = draw()
        messages.push({ role: 'user', content: `${documentOf(app, documents, random)}${row.prompt}` })
        const sent = [...messages]
        const [whole, short] = [sendingOf(app.name, sent), sendingOf(app.name, shorterOf(sent))]
        found.push({ at, app, row, answer: app.answer, whole, trimmed: short, chance: random() })
        messages.push({ role: 'assistant', content: textOf(hashOf(row.prompt), app.answer) })
      }
      left -= turns
    }
  }
  return found.toSorted((a, b) => a.at - b.at)
}

const documentOf = ({ document, again }: App, had: number[], random: () => number): string => {
  if (document === 0) return ''
  const known = had[Math.floor(random() * had.length)]
  const one = known !== undefined && random() < again ? known : Math.floor(random() * 2 ** 31)
  had.push(one)
  return `${textOf(one, document)}\n\n`
}

/** Draws rows: the first of them the most often, each as its place to the power of `-exponent`. */
const drawnBy = (rows: readonly Recorded[], exponent: number, random: () => number): (() => Recorded) => {
  const sums: number[] = []
  let sum = 0
  for (let at = 0; at < rows.length; at++) sums.push((sum += (at + 1) ** -exponent))
  return () => {
    const aim = random() * sum
    let [low, high] = [0, rows.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) < aim) low = middle + 1
      else high = middle
    }
    return rows[low] as Recorded
  }
}
