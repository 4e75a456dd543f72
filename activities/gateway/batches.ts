import { createHash } from 'node:crypto'
import { asyncLocalStorage as activity, type Context } from '@temporalio/activity'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { ModelBatchRun } from '#schemas/gateway/batches.ts'
import { endpoints } from '#schemas/gateway/batch-lines.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { failures } from '#schemas/gateway/wires/failure.ts'
import { firstIdAt, newId } from '#schemas/ids.ts'
import { readBatch } from './batch-read.ts'
import { readAsked, type Asked } from './relay/asked.ts'
import { askAs, type Reply } from './relay/direct.ts'
import { speeches } from './relay/speech.ts'
import { claimLines, nextWait, putBack, recordLine, type Came, type Claimed } from './store-batch-lines.ts'
import { findCallerOf, type Caller } from './store-known.ts'
import { findModelBatch, othersAsk, settleBatch, type ModelBatchRow } from './store-model-batches.ts'
import { keyless } from './relay/keyless.ts'

type Needs = Pick<Deps, 'db' | 'seal' | 'relay'>

/**
 * How a batch is worked through: how many lines at once, and how many while others of its tenant ask; how many in a minute at
 * most; how long one turn lasts, and one answer may take, in ms; how often a line is tried whose failure may pass.
 */
const batchPace = {
  atOnce: 8,
  whileOthersAsk: 1,
  perMinute: 1200,
  turnMs: 20_000,
  patienceMs: 600_000,
  tries: 6,
} as const
/** For so long after the last request others are taken to ask, in ms; and so often it is looked for. */
const others = { afterMs: 5_000, lookEvery: 1_000 }
/** How long a line waits after its first failure, each next time twice as long, in ms. */
const firstWait = 2_000
const longestWait = 300_000

export const modelBatchActivities = (deps: Needs) => ({
  /**
   * Works at a batch for a turn: reads its lines first, then asks them, some at once, and closes it when none is left. What is
   * answered is written down line by line, so that another try asks only what was not answered. Gives how long to wait until
   * there is more to do, in ms, or null where there is nothing more.
   */
  workModelBatch: async (run: ModelBatchRun): Promise<number | null> => {
    const at = activity.getStore()
    const beating = at === undefined ? undefined : setInterval(() => at.heartbeat(), 3_000)
    try {
      const row = await withTenant(deps.db, run, (tx) => findModelBatch(tx, run, run.batch))
      if (row.state === 'reading') await readBatch(deps, row)
      else if (row.state === 'running') await new Turn(deps, row, endings(at)).work()
      if ((await settleBatch(deps.db, run, run.batch)) !== null) return null
      const left = row.expires_at.getTime() - Date.now()
      return Math.max(0, Math.min((await nextWait(deps.db, run)) ?? 0, left))
    } finally {
      clearInterval(beating)
    }
  },
})

/** `stop`: nothing more is asked. `leave`: nor is what is under way waited for, since the process is to end or is given up. */
type Endings = { stop: AbortSignal; leave: AbortSignal }

/** Who cancels a batch lets the lines end that are under way: they are paid. */
const endings = (at: Context | undefined): Endings => {
  const leave = new AbortController()
  if (at === undefined) return { stop: leave.signal, leave: leave.signal }
  const { cancellationSignal: stop } = at
  stop.addEventListener('abort', () => {
    if (at.cancellationDetails?.cancelRequested !== true) leave.abort(stop.reason)
  })
  return { stop, leave: leave.signal }
}

/** One turn at the lines of a batch. */
class Turn {
  readonly #deps: Needs
  readonly #row: ModelBatchRow
  readonly #run: ModelBatchRun
  readonly #endings: Endings
  /** What this turn has claimed is its own; what an earlier one has left is taken over. */
  readonly #claim = newId('request')
  readonly #began = Date.now()
  readonly #underWay = new Set<Promise<void>>()
  #asked = 0
  #othersAsk = false
  #lookedAt = 0

  constructor(deps: Needs, row: ModelBatchRow, ends: Endings) {
    this.#deps = deps
    this.#row = row
    this.#run = { batch: row.id, tenant: row.tenant_id }
    this.#endings = ends
  }

  async work(): Promise<void> {
    const caller = await this.#caller()
    const broken: unknown[] = []
    while (broken.length === 0 && !this.#endings.stop.aborted && Date.now() - this.#began < batchPace.turnMs) {
      const room = (await this.#width()) - this.#underWay.size
      const lines = room <= 0 ? [] : await claimLines(this.#deps.db, this.#deps.seal, this.#run, this.#claim, room)
      for (const line of lines) {
        const one = this.#do(caller, line)
          .catch((error: unknown) => {
            broken.push(error)
          })
          .finally(() => this.#underWay.delete(one))
        this.#underWay.add(one)
      }
      if (this.#underWay.size === 0) break
      await Promise.race(this.#underWay)
      await this.#keepPace(lines.length)
    }
    await Promise.all(this.#underWay)
    if (broken.length > 0) throw broken[0]
    this.#endings.stop.throwIfAborted()
  }

  /** No more in a minute than it may. */
  async #keepPace(asked: number): Promise<void> {
    this.#asked += asked
    const early = this.#began + (this.#asked * 60_000) / batchPace.perMinute - Date.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
  }

  /** How many lines may be under way at once: whoever waits for an answer goes before. */
  async #width(): Promise<number> {
    const now = Date.now()
    if (now - this.#lookedAt > others.lookEvery) {
      this.#lookedAt = now
      this.#othersAsk = await othersAsk(
        this.#deps.db,
        this.#run.tenant,
        firstIdAt('modelRequest', now - others.afterMs),
      )
    }
    return this.#othersAsk ? batchPace.whileOthersAsk : batchPace.atOnce
  }

  /** In whose name it asks; null where its key is no longer good. */
  async #caller(): Promise<Caller | null> {
    const { key_id: key, tenant_id: tenant, id: batch } = this.#row
    if (key === null) return keyless(tenant, { batch })
    const caller = await findCallerOf(this.#deps.db.system, tenant, key)
    return caller === null ? null : { ...caller, batch }
  }

  async #do(caller: Caller | null, line: Claimed): Promise<void> {
    const { db, relay } = this.#deps
    const asked = this.#read(line)
    if (caller === null || 'why' in asked) {
      const refusal =
        caller === null
          ? failed('unauthenticated', 'The key of this batch is revoked or has run out.')
          : failed('invalid', 'why' in asked ? asked.why : '')
      const { status, body } = this.#speech.refuse(refusal)
      return this.#keep(line, { state: 'errored', status, request: null, answer: body })
    }
    const late = AbortSignal.timeout(batchPace.patienceMs)
    const headers = { 'idempotency-key': createHash('sha256').update(`${this.#run.batch} ${line.n}`).digest('hex') }
    const reply = await askAs(relay, caller, asked, {
      headers,
      signal: AbortSignal.any([late, this.#endings.leave]),
    }).catch((error: unknown) => {
      if (this.#endings.leave.aborted || !late.aborted) throw error
      return null
    })
    const wait = reply === null ? this.#waitFor(line, undefined) : this.#waitAfter(line, reply)
    if (wait !== null) return putBack(db, this.#run, line.n, wait.ms, wait.counts)
    await this.#keep(line, reply === null ? this.#tooLate() : this.#came(reply))
  }

  #read({ body }: Claimed): Asked | { why: string } {
    const asked = readAsked(this.#operation, body, this.#row.along)
    return 'why' in asked ? asked : { ...asked, waits: true }
  }

  get #operation(): Operation {
    const { wire, endpoint } = this.#row
    return wire === 'messages' ? 'messages' : endpoints[endpoint as keyof typeof endpoints]
  }

  get #speech() {
    return speeches[this.#operation]
  }

  /** How long to wait before a line is asked again whose failure may pass, and whether that was one of its tries. */
  #waitAfter(line: Claimed, { status, body, header, by }: Reply): { ms: number; counts: boolean } | null {
    if (status < 300) return null
    const { class: of, code, retryAfter } = this.#speech.readError(status, parsed(body), header, Date.now())
    if (failures[of].next !== 'later') return null
    // a budget that this would go past whenever it is asked
    if (code === 'budget_exceeded' && retryAfter === undefined) return null
    const ours = by.provider === ''
    return this.#waitFor(line, retryAfter, ours)
  }

  #waitFor({ tries }: Claimed, retryAfter: number | undefined, ours = false): { ms: number; counts: boolean } | null {
    if (!ours && tries >= batchPace.tries) return null
    const longer = Math.min(longestWait, firstWait * 2 ** Math.min(tries - 1, 10))
    return { ms: Math.max((retryAfter ?? 0) * 1000, ours && retryAfter !== undefined ? 0 : longer), counts: !ours }
  }

  #came({ status, body, header }: Reply): Came {
    const request = header(this.#speech.id) ?? null
    // an answer may come over several lines; in a text of JSON there are no line ends
    const answer = Buffer.from(body)
      .toString()
      .replaceAll(/[\r\n]+/g, ' ')
      .trim()
    return { state: status < 300 ? 'succeeded' : 'errored', status, request, answer }
  }

  #tooLate(): Came {
    const { status, body } = this.#speech.refuse(failed('timeout', 'No answer came in time.'))
    return { state: 'errored', status, request: null, answer: body }
  }

  async #keep(line: Claimed, came: Came): Promise<void> {
    const { db, seal } = this.#deps
    await recordLine(db, seal, { ...this.#run, wire: this.#row.wire }, line, came)
  }
}

const failed = (of: 'unauthenticated' | 'invalid' | 'timeout', message: string) => ({
  class: of,
  status: failures[of].status,
  message,
})

const parsed = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString()) as unknown
  } catch {
    return undefined
  }
}
