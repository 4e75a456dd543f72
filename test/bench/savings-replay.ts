import { byWeight, mixed } from '#activities/gateway/relay/choose.ts'
import { Marks } from '#activities/gateway/relay/marks.ts'
import { priceOf } from '#activities/gateway/relay/price.ts'
import type { Tokens } from '#activities/gateway/relay/usage.ts'
import { targetOf } from '#schemas/gateway/routes.ts'
import type { App, Request, Sending } from './savings-trace.ts'

/** What can be turned on. */
export const levers = ['cache', 'sticky', 'markers', 'task', 'classifier', 'batch', 'trim'] as const
export type Lever = (typeof levers)[number]

/** Stated, not measured; everything below is charged. */
const assumed = {
  /** For how long an answer is kept, in ms. */
  answersKept: 3_600_000,
  /** For how long a provider keeps what it has read after it was last asked, in ms, and how many tokens it has to be. */
  promptsKept: 300_000,
  leastKept: 1024,
  /** Accounts or regions that requests are spread over: each has its own prompt cache. */
  accounts: ['one', 'two', 'three'],
  /** What waits costs this share at OpenAI, Anthropic and Google, who list the same discount; prompts are then not taken from a cache. */
  waiting: 0.5,
  /** Askings that fail after the prompt was billed and are made again. */
  failed: 0.01,
  /** Cheap answers that are seen to be of no use (a refusal, not the schema) and asked again of the strong model. */
  refused: 0.02,
  /** Cheap answers that are checked: the strong one answers too, and judges both, which is taken to cost as much again. */
  checked: 0.015,
  judged: 2,
} as const

/** Who goes to the cheap model under which levers, decided beforehand: it depends on nothing that happens. */
export type Choice = (request: Request) => boolean
export type Choices = { task: Choice; classifier: Choice; both: Choice; random: Choice }

export type Came = {
  /** In US dollars. */
  cost: number
  quality: number
  best: number
  /** Of all requests: answered from our cache, asked of the cheap model; of all tokens read, those from a provider's cache. */
  hits: number
  cheap: number
  cached: number
}

const none: Tokens = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }

type Ask = { app: App; cheap: boolean; sending: Sending; answer: number; at: number; batch: boolean }

/** The prompt caches of the providers: when each beginning of a prompt was last read, by account and model. */
class PromptCaches {
  readonly #read = new Map<string, number>()
  readonly #marks = new Marks(assumed.promptsKept)

  /** What is billed of a prompt. Where a provider wants marks, nothing is kept without. */
  tokens({ app, cheap, sending, answer, at }: Ask, account: string, marks: boolean): Tokens {
    const { prefixes, tokens } = sending
    const wantsMarks = app.kind === 'anthropic'
    const long = prefixes.filter((one) => one.tokens >= assumed.leastKept)
    const until = wantsMarks ? (this.#marks.place(prefixes, at).at(-1) ?? 0) : prefixes.length
    if (wantsMarks && !marks) return { ...none, input: tokens, output: answer }
    const nameOf = (hash: number) => `${account} ${cheap ? app.weak : app.strong} ${hash}`
    const found = long.findLast(({ hash }) => at - (this.#read.get(nameOf(hash)) ?? -Infinity) < assumed.promptsKept)
    const cached = found?.tokens ?? 0
    const kept = long.filter((one) => prefixes.indexOf(one) < until || one.tokens <= cached)
    const written = wantsMarks ? Math.max(0, (kept.at(-1)?.tokens ?? 0) - cached) : 0
    for (const { hash } of kept) this.#read.set(nameOf(hash), at)
    return { ...none, input: tokens, cached, cacheWrite: written, output: answer }
  }
}

/** Works through a trace with some levers on, and says what it came to. */
export function replayed(
  trace: readonly Request[],
  on: ReadonlySet<Lever>,
  choices: Choices,
  { day, looking, byChance = false }: { day: number; looking: number; byChance?: boolean },
): Came {
  const answers = new Map<string, { at: number; quality: number }>()
  const caches = new PromptCaches()
  const came: Came = { cost: 0, quality: 0, best: 0, hits: 0, cheap: 0, cached: 0 }
  let read = 0
  const choose = chooserOf(on, choices, byChance)

  const ask = (one: Ask, seed: number): number => {
    const { app, cheap } = one
    const model = cheap ? app.weak : app.strong
    const account = one.batch ? 'batch' : accountOf(on.has('sticky') ? one.sending.seed : seed)
    const tokens = one.batch
      ? { ...none, input: one.sending.tokens, output: one.answer }
      : caches.tokens(one, account, on.has('markers'))
    const price = priceOf({ provider: account, kind: app.kind, model }, tokens, day)
    if (price === null) throw new Error(`nobody has a price for ${model}`)
    read += tokens.input
    came.cached += tokens.cached
    const usd = (price.nano / 1e9) * (one.batch ? assumed.waiting : 1)
    came.cost += usd
    return usd
  }

  trace.forEach((request, n) => {
    const { app, row, at, answer } = request
    const sending = on.has('trim') ? request.trimmed : request.whole
    came.best += row.strong
    const known = on.has('cache') ? answers.get(sending.key) : undefined
    if (known !== undefined && at - known.at < assumed.answersKept) {
      came.quality += known.quality
      came.hits++
      return
    }
    const draw = (what: string) => mixed(n, what) / 2 ** 32
    const cheap = choose(request)
    if (on.has('classifier') && !byChance) came.cost += looking
    const one: Ask = { app, cheap, sending, answer, at, batch: on.has('batch') && app.waits }
    if (draw('failed') < assumed.failed) ask({ ...one, answer: 0 }, mixed(n, 'first'))
    ask(one, mixed(n, 'account'))
    let quality = cheap ? row.weak : row.strong
    if (cheap) {
      came.cheap++
      if (draw('refused') < assumed.refused) {
        ask({ ...one, cheap: false }, mixed(n, 'again'))
        quality = row.strong
      }
      // by what it costs there and then, without a part in what the trace is about
      if (draw('checked') < assumed.checked) came.cost += assumed.judged * strongly(one, day)
    }
    came.quality += quality
    if (on.has('cache')) answers.set(sending.key, { at, quality })
  })
  return {
    ...came,
    hits: came.hits / trace.length,
    cheap: came.cheap / trace.length,
    cached: came.cached / Math.max(read, 1),
  }
}

const strongly = ({ app, sending, answer, batch }: Ask, day: number): number => {
  const price = priceOf(
    { provider: 'one', kind: app.kind, model: app.strong },
    { ...none, input: sending.tokens, output: answer },
    day,
  )
  return ((price?.nano ?? 0) / 1e9) * (batch ? assumed.waiting : 1)
}

const chooserOf = (on: ReadonlySet<Lever>, { task, classifier, both, random }: Choices, byChance: boolean): Choice => {
  if (byChance) return random
  if (on.has('task')) return on.has('classifier') ? both : task
  return on.has('classifier') ? classifier : () => false
}

const targets = assumed.accounts.map((account) => targetOf(account, 'any'))

/** Which account comes first for a seed, as the gateway would have it. */
const accountOf = (seed: number): string => {
  const rank = byWeight(seed)
  let [best, first] = [-Infinity, '']
  for (const target of targets) {
    const one = rank({ target } as Parameters<typeof rank>[0])
    if (one > best) [best, first] = [one, target.provider]
  }
  return first
}

/** Of what the trace costs without any lever, the share that is saved, in percent. */
export const savedOf = (came: Came, without: Came): number => 100 * (1 - came.cost / without.cost)
export const retainedOf = ({ quality, best }: Came): number => (best > 0 ? (100 * quality) / best : 100)
