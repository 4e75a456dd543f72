import type { Log } from '#activities/log.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import type { CacheStore } from '../store-cached.ts'
import { readAsked, type Asked } from './asked.ts'
import { textOfAnswer } from './cache-answer.ts'
import type { Found, Question } from './cache.ts'
import type { Within } from './cache-similar.ts'

/** So many are under way at once at the most; what is more is not looked at. */
const mostAtOnce = 4

/** What requests of an audit are tagged with, so that their cost can be told apart. */
const tags = { cache_audit: 'yes' }

/**
 * Of answers to nearly the same question, a share is looked at: the model is asked the question itself, after the caller has the
 * answer. Two answers are the same if they are the same text but for case, spaces and punctuation; else the same model is
 * asked, in a question of its own, whether they say the same. An answer that was wrong is not given again to a question as
 * far off as that one.
 */
export class Audits {
  readonly #store: CacheStore
  readonly #log: Log
  readonly #within: Within
  #underWay = 0

  constructor(store: CacheStore, log: Log, within: Within) {
    this.#store = store
    this.#log = log
    this.#within = within
  }

  begin(question: Question, found: Found): void {
    if (this.#underWay >= mostAtOnce || Math.random() >= question.policy.known.auditShare) return
    this.#underWay++
    this.#audit(question, found)
      .catch((error: unknown) => this.#log.warn('an answer of the cache could not be audited', { error }))
      .finally(() => this.#underWay--)
  }

  async #audit(question: Question, found: Found): Promise<void> {
    const { asked, account, caller, models } = question
    const similarity = found.similarity ?? 1
    const asker = { ...caller, tags: { ...caller.tags, ...tags } }
    const fresh = await this.#within(asker, models, afresh(asked))
    if (fresh === null) return
    const [before, now] = [found.answer.body, Buffer.from(fresh).toString()].map((body) => textOfAnswer(asked, body))
    if (before === undefined || before === null || now === undefined || now === null) return
    const same = plain(before) === plain(now) || (await this.#judge(question, asker, before, now))
    if (same === null) return
    const near = { key: found.key, similarity, request: account.id, of: found.answer.of }
    await this.#store.audited(caller.tenant, near, !same)
  }

  /** Whether two answers say the same; null where nobody could tell. */
  async #judge({ asked, models, key }: Question, asker: Question['caller'], before: string, now: string) {
    const prompt = `Question:\n${key.similar?.question ?? ''}\n\nAnswer A:\n${before}\n\nAnswer B:\n${now}\n\nWould a reader of either answer know the same and do the same? Answer with one word: SAME or DIFFERENT.`
    const body = { model: asked.model, messages: [{ role: 'user', content: prompt }] }
    const judging = readAsked('chat', Buffer.from(JSON.stringify(body)), {}, true)
    if ('why' in judging) return null
    judging.told = { 'cache-control': 'no-store' }
    const said = await this.#within(asker, models, judging)
    const word = said === null ? undefined : textOfAnswer(judging, Buffer.from(said).toString())?.trim().toLowerCase()
    return word?.startsWith('same') === true ? true : word?.startsWith('different') === true ? false : null
  }
}

/** The same question for an answer that is not out of the cache, and comes whole. */
const afresh = (asked: Asked): Asked => {
  const { stream: _, stream_options: __, ...body } = parsed(Buffer.from(asked.bytes).toString()) ?? {}
  const again = readAsked(asked.operation, Buffer.from(JSON.stringify(body)), asked.headers, asked.drops)
  if ('why' in again) throw new Error(again.why)
  return { ...again, told: { ...asked.told, 'cache-control': 'no-cache' } }
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
