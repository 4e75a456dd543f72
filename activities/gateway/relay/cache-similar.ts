import type { Log } from '#activities/log.ts'
import type { CacheStore } from '../store-cached.ts'
import { isGood, type Found, type Question } from './cache.ts'
import { Audits } from './cache-audit.ts'
import { Recent } from './cache-recent.ts'
import { readAsked, type Asked } from './asked.ts'
import type { Caller, Models } from '../store-known.ts'

/** Asks through the same relay, in the name of who asks; null where no good answer came in time. */
export type Within = (caller: Caller, models: Models, asked: Asked) => Promise<Uint8Array | null>

/** With so many questions of the same context one is compared; older ones have had their time. */
const mostCompared = 500
/** The most bytes of vectors that a process holds, of all tenants. */
const mostHeld = 64 * 1024 * 1024
/** How far back it looks for what others have kept meanwhile, in ms: rows are seen later than they are dated. */
const overlap = 10_000
/** So many of those that are near enough are looked at, the nearest first. */
const tries = 3

type Context = { vectors: Map<string, Float32Array>; readAt: number }

/** Finds answers to questions that are nearly the same, by the embeddings of the two. */
export class Similar {
  readonly #store: CacheStore
  readonly #within: Within
  readonly #contexts = new Recent<Context>(mostHeld)
  readonly #audits: Audits

  constructor(store: CacheStore, log: Log, within: Within) {
    this.#store = store
    this.#within = within
    this.#audits = new Audits(store, log, within)
  }

  /** The embedding of a question, of length one; asked of the tenant's route for it, and paid. */
  async embed({ caller, models, policy }: Question, question: string): Promise<Float32Array | null> {
    const body = { model: policy.known.embeddings, input: question, encoding_format: 'float' }
    const asked = readAsked('embeddings', Buffer.from(JSON.stringify(body)))
    if ('why' in asked) return null
    // it is no request of the caller's, and would be counted as one
    asked.told = { 'cache-control': 'no-store' }
    // a key that may ask for one model only has not chosen how its tenant compares questions
    const said = await this.#within({ ...caller, models: null }, models, asked)
    return said === null ? null : vectorIn(said)
  }

  /** The kept answer to the question that is nearest, where that is near enough. */
  async near({ caller: { tenant }, policy }: Question, context: string, vector: Float32Array): Promise<Found | null> {
    const { vectors } = await this.#context(tenant, context)
    const nearest = [...vectors]
      .map(([key, other]) => ({ key, similarity: cosine(vector, other) }))
      .filter(({ similarity }) => similarity >= policy.similarity)
      .toSorted((a, b) => b.similarity - a.similarity)
    for (const { key, similarity } of nearest.slice(0, tries)) {
      // the row knows best: it may be gone, or have been found to be wrong
      const found = await this.#store.find(tenant, key)
      if (found === null) vectors.delete(key)
      else if (similarity >= found.threshold && isGood(found, policy)) return { ...found, similarity }
    }
    return null
  }

  /** For a share of what was answered so, asks the model all the same. */
  audit(question: Question, found: Found): void {
    this.#audits.begin(question, found)
  }

  async #context(tenant: string, context: string): Promise<Context> {
    const name = `${tenant} ${context}`
    const known = this.#contexts.get(name)
    const readAt = Date.now()
    const since = known === undefined ? null : new Date(known.readAt - overlap)
    const rows = await this.#store.vectors(tenant, context, since, mostCompared)
    const vectors = new Map([...(known?.vectors ?? []), ...rows.map(({ key, vector }) => [key, vector] as const)])
    for (const oldest of vectors.keys()) {
      if (vectors.size <= mostCompared) break
      vectors.delete(oldest)
    }
    const made = { vectors, readAt }
    const bytes = [...vectors.values()].reduce((sum, one) => sum + one.byteLength + 100, 0)
    this.#contexts.set(name, made, bytes)
    return made
  }
}

/** Of vectors of length one. */
const cosine = (a: Float32Array, b: Float32Array): number => {
  if (a.length !== b.length) return -1
  let sum = 0
  for (let n = 0; n < a.length; n++) sum += (a[n] as number) * (b[n] as number)
  return sum
}

const vectorIn = (said: Uint8Array): Float32Array | null => {
  try {
    const body = JSON.parse(Buffer.from(said).toString()) as { data?: { embedding?: unknown }[] }
    const numbers = body.data?.[0]?.embedding
    if (!Array.isArray(numbers) || !numbers.every((one) => typeof one === 'number')) return null
    const length = Math.hypot(...numbers)
    return length > 0 && Number.isFinite(length) ? Float32Array.from(numbers, (one) => one / length) : null
  } catch {
    return null
  }
}
