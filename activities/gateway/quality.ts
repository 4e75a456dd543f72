import { createHash } from 'node:crypto'
import { asyncLocalStorage as activity } from '@temporalio/activity'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { errors, Fault, isFault } from '#schemas/errors.ts'
import { qualityTag, type QualityRun } from '#schemas/gateway/quality/index.ts'
import { answerShape, instructions, questionOf, verdictOf, type Says } from '#schemas/gateway/quality/judging.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import { failures } from '#schemas/gateway/wires/failure.ts'
import type { Context } from '#schemas/tenancy.ts'
import { readAsked } from './relay/asked.ts'
import { textOfAnswer } from './relay/cache-answer.ts'
import { askAs } from './relay/direct.ts'
import { speeches } from './relay/speech.ts'
import { findSettings } from './store-quality.ts'
import {
  closeSample,
  findWaiting,
  keepShadow,
  openSide,
  sealSide,
  takeSamples,
  type Judgement,
  type Waiting,
} from './store-samples.ts'
import { watchRule } from './store-verdicts.ts'
import { keyless } from './relay/keyless.ts'

type Needs = Pick<Deps, 'db' | 'seal' | 'relay' | 'gateway'>
type SampleRun = QualityRun & { sample: string }
/** Why there is no verdict; undefined where there may be one. */
type Without = { state: 'unread' | 'failed'; why: string } | undefined

/** So many samples of a tenant are worked at together. */
const atOnce = 8
/** How long an answer may take, in ms, and how often it is asked for. */
const patience = { shadow: 120_000, judge: 60_000 }
const tries = 5

const ctxOf = ({ tenant, run }: QualityRun): Context => ({
  tenant,
  actor: { kind: 'system', id: qualityTag },
  scopes: [],
  correlation: run,
})

export const qualityActivities = (deps: Needs) => {
  const { db, seal } = deps

  /** Works at a sample that waits. What may pass is tried again some times; what stays so closes it without a verdict. */
  const working = async (
    run: SampleRun,
    work: (row: Waiting, signal: AbortSignal) => Promise<Without>,
  ): Promise<void> => {
    const row = await withTenant(db, run, (tx) => findWaiting(tx, run, seal, run.sample))
    if (row === null) return
    const at = activity.getStore()
    const beating = at === undefined ? undefined : setInterval(() => at.heartbeat(), 3_000)
    const signal = at?.cancellationSignal ?? new AbortController().signal
    let without: Without
    try {
      without = await work(row, signal)
    } catch (error) {
      if (signal.aborted || !isFault(error)) throw error
      if (errors[error.code].retryable && (at?.info.attempt ?? tries) < tries) throw error
      without = { state: 'failed', why: error.message }
    } finally {
      clearInterval(beating)
    }
    if (without === undefined) return
    const came = { ...without, verdict: null, flipped: false, judged: null }
    await withTenant(db, run, (tx) => closeSample(tx, run, run.sample, came))
  }

  return {
    /** The next samples of a tenant, by their ids; none once nothing waits. */
    nextSamples: (run: QualityRun): Promise<string[]> => withTenant(db, run, (tx) => takeSamples(tx, run, atOnce)),

    /** Asks the model that was not used, once. */
    askShadow: (run: SampleRun): Promise<void> =>
      working(run, async (row, signal) => {
        if (row.shadow_sealed !== null) return undefined
        const heard = await shadowOf(deps, row, signal)
        if ('why' in heard) return { state: 'failed', why: heard.why }
        const sealed = sealSide(seal, run, row.id, 'shadow', heard.answer)
        await withTenant(db, run, (tx) => keepShadow(tx, run, row, { ...heard, sealed }))
        return undefined
      }),

    /** Has both answers compared, in both orders, and writes down the verdict. */
    judgeSample: (run: SampleRun): Promise<void> =>
      working(run, async (row, signal) => {
        if (row.shadow_sealed === null) return undefined
        const { judge } = await withTenant(db, run, (tx) => findSettings(tx, run))
        if (judge === null) return { state: 'failed', why: 'There is no judge.' }
        const other = openSide(seal, run, row.id, 'shadow', row.shadow_sealed)
        const [strong, cheap] = row.arm === 'routed' ? [other, row.said.answer] : [row.said.answer, other]
        const ask = judging(deps, run, { question: row.said.question, judge, signal })
        const [cheapFirst, strongFirst] = await Promise.all([
          ask('cheap', { first: cheap, second: strong }),
          ask('strong', { first: strong, second: cheap }),
        ])
        if (cheapFirst === null || strongFirst === null)
          return { state: 'unread', why: 'What the judge said could not be read.' }
        const judged = sealSide(seal, run, row.id, 'judged', [cheapFirst, strongFirst])
        const came = { state: 'judged' as const, why: null, judged, ...verdictOf(cheapFirst.says, strongFirst.says) }
        await withTenant(db, run, async (tx) => {
          if (!(await closeSample(tx, run, row.id, came)) || row.arm !== 'routed') return
          await watchRule(tx, ctxOf(run), { policy: row.policy_id, rule: row.rule })
        })
        return undefined
      }),
  }
}

const hashOf = (...parts: string[]): string => createHash('sha256').update(parts.join(' ')).digest('hex')

type Shadow = { answer: string; by: string; request: string | null }

/** What the one says that was not used, or why there is nothing to compare. Throws what may pass. */
async function shadowOf({ relay }: Needs, row: Waiting, signal: AbortSignal): Promise<Shadow | { why: string }> {
  const { operation, other, tenant_id: tenant, said } = row
  const { stream: _, stream_options: __, ...body } = parsed(said.body) ?? {}
  const asked = readAsked(operation, Buffer.from(JSON.stringify({ ...body, model: other })), said.headers, true)
  if ('why' in asked) return asked
  const late = AbortSignal.timeout(patience.shadow)
  const reply = await askAs(
    relay,
    keyless(tenant, { tags: { [qualityTag]: 'shadow' } }),
    said.settings === null ? asked : { ...asked, settings: said.settings },
    { apart: true, headers: { 'idempotency-key': hashOf(row.id, 'shadow') }, signal: AbortSignal.any([signal, late]) },
  ).catch((error: unknown) => {
    if (signal.aborted || !late.aborted) throw error
    throw new Fault('unavailable', `“${other}” does not answer.`, {}, error)
  })
  const text = Buffer.from(reply.body).toString()
  const { readError, id } = speeches[operation]
  if (reply.status >= 300) {
    const { class: of, message } = readError(reply.status, parsed(text), reply.header, Date.now())
    if (failures[of].next === 'later') throw new Fault('unavailable', message)
    return { why: message }
  }
  const answer = textOfAnswer({ operation }, text)
  const by = `${reply.by.provider}/${reply.by.model}`
  if (answer === null || answer.trim() === '') return { why: `${by} answered otherwise than in words.` }
  if (by === (row.arm === 'routed' ? row.cheap : row.strong))
    return { why: `“${other}” was answered by ${by} as well.` }
  return { answer, by, request: reply.header(id) ?? null }
}

type Judging = { question: string; judge: string; signal: AbortSignal }

/** Asks the judge about two answers in an order; null where what it says cannot be read. */
const judging =
  ({ gateway }: Needs, { tenant, run, sample }: SampleRun, { question, judge, signal }: Judging) =>
  async (first: Judgement['first'], order: { first: string; second: string }): Promise<Judgement | null> => {
    const code = hashOf(sample, first).slice(0, 16)
    try {
      const { value } = await gateway.complete({
        asker: { tenant, run, step: `${sample} ${first}`, tags: { [qualityTag]: 'judge' } },
        model: judge,
        turns: [
          { role: 'system', content: instructions },
          { role: 'user', content: questionOf({ question, ...order }, code) },
        ],
        schema: answerShape,
        name: 'verdict',
        apart: true,
        patience: patience.judge,
        signal,
      })
      const { better, reason } = value as { better: Says; reason: string }
      return { first, says: better, reason }
    } catch (error) {
      if (isFault(error) && error.code === 'model_refused') return null
      throw error
    }
  }
