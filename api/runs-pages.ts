import { withTenant } from '#activities/database.ts'
import { goneOnFrom, listPages, turnsOfPages, type PageTurns } from '#activities/runs/store-pages.ts'
import { begunIn } from '#schemas/automation/engine/seeds.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { isObject } from '#schemas/automation/json.ts'
import { asTakenOver, turnsSeen, type TurnsSeen } from '#schemas/automation/turns.ts'
import { isFault } from '#schemas/errors.ts'
import { isClosed, type RunState } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { canvasOf } from './runs-canvas.ts'
import type { ApiDeps } from './deps.ts'
import type { RunReader } from './runs-walked.ts'

/** A page of a loop, with its turns as they were last counted. */
export type Page = Pick<PageTurns, 'first' | 'last'> & {
  run: string
  state: RunState
  /** A page of an earlier run, whose turns this one took over as they were. */
  takenOver: boolean
  seen: TurnsSeen | null
}
type Listed = Omit<Page, 'seen'>

/** Which pages of an earlier run are taken over: where they begin, counted from 0. */
type Taken = { earlier: string; from: ReadonlySet<string> }

type Counted = { seen: TurnsSeen; closed: boolean; at: number; tookMs: number }

/** How many pages are known at the most; what is forgotten is counted again when it is asked for. */
const mostKnown = 5_000
/** How many pages that have ended are counted each time that somebody asks. */
const mostAnew = 4
/** An open page is counted again at the soonest after so many ms, and after ten times as long as it took. */
const soonest = 1_500

/**
 * How the turns of pages stand. What a page did is told by its history, which takes some milliseconds for each 100 turns:
 * one that has ended is counted once, an open one now and then, however many ask.
 */
export class PageCounts {
  readonly #db: ApiDeps['db']
  readonly #reader: Pick<RunReader, 'walked'>
  readonly #turns = new Map<string, PageTurns>()
  readonly #counted = new Map<string, Counted>()
  readonly #taken = new Map<string, Taken | null>()
  readonly #busy = new Map<string, Promise<void>>()

  constructor(db: ApiDeps['db'], reader: Pick<RunReader, 'walked'>) {
    this.#db = db
    this.#reader = reader
  }

  /** The pages of a loop in the order of their turns, a few more of them counted than the last time. */
  async of(ctx: Context, run: string, loop: string, within: string): Promise<Page[]> {
    const pages = await this.list(ctx, run, loop, within)
    const due = pages.filter((page) => this.#isDue(page))
    const open = due.filter(({ state }) => !isClosed(state))
    const ended = due.filter(({ state }) => isClosed(state)).slice(0, mostAnew)
    for (const page of [...open, ...ended]) await this.#count(ctx, page, loop, within)
    return pages.map((page) => {
      const seen = this.#counted.get(page.run)?.seen ?? null
      return { ...page, seen: seen !== null && page.takenOver ? asTakenOver(seen) : seen }
    })
  }

  /** The pages of a loop in the order of their turns, with those that the run took over from an earlier one. */
  async list(ctx: Context, run: string, loop: string, within: string): Promise<Listed[]> {
    const own = await this.#own(ctx, run, loop, within)
    const taken = await this.#takenBy(ctx, run, loop, within)
    const before = taken === null ? [] : await this.list(ctx, taken.earlier, loop, within)
    const over = before.filter(({ first }) => taken?.from.has(String(first - 1)) === true)
    return [...own, ...over.map((page) => ({ ...page, takenOver: true }))].toSorted((a, b) => a.first - b.first)
  }

  /** What a run takes over never changes. */
  async #takenBy(ctx: Context, run: string, loop: string, within: string): Promise<Taken | null> {
    const key = `${run} ${loop}#${within}`
    const known = this.#taken.get(key)
    if (known !== undefined) return known
    const before = await withTenant(this.#db, ctx, (tx) => goneOnFrom(tx, ctx, run))
    const begun =
      before === null ? null : begunIn(kinds, before.seeds, { node: loop, iteration: within }, before.iteration)
    const pages = begun?.kept['pages']
    const taken =
      before === null || !isObject(pages) ? null : { earlier: before.earlier, from: new Set(Object.keys(pages)) }
    keep(this.#taken, key, taken)
    return taken
  }

  async #own(ctx: Context, run: string, loop: string, within: string): Promise<Listed[]> {
    const all = await withTenant(this.#db, ctx, async (tx) => {
      const pages = await listPages(tx, ctx, run)
      const fresh = pages.flatMap(({ id }) => (this.#turns.has(id) ? [] : [id]))
      for (const [id, turns] of await turnsOfPages(tx, ctx, fresh)) keep(this.#turns, id, turns)
      return pages
    })
    return all.flatMap(({ id, state }) => {
      const turns = this.#turns.get(id)
      return turns?.loop === loop && turns.within === within
        ? [{ run: id, state, first: turns.first, last: turns.last, takenOver: false }]
        : []
    })
  }

  #isDue({ run, state }: Listed): boolean {
    const known = this.#counted.get(run)
    if (known === undefined) return true
    if (known.closed) return false
    return isClosed(state) || Date.now() - known.at >= Math.max(soonest, known.tookMs * 10)
  }

  #count(ctx: Context, { run, state }: Listed, loop: string, within: string): Promise<void> {
    const busy = this.#busy.get(run)
    if (busy !== undefined) return busy
    const counting = this.#countAnew(ctx, run, isClosed(state), loop, within).finally(() => this.#busy.delete(run))
    this.#busy.set(run, counting)
    return counting
  }

  async #countAnew(ctx: Context, run: string, closed: boolean, loop: string, within: string): Promise<void> {
    const at = Date.now()
    let seen: TurnsSeen
    try {
      const walked = await this.#reader.walked(ctx, run)
      seen = turnsSeen(walked.definition, loop, within, canvasOf(walked).nodes)
    } catch (error) {
      // it has not begun, or nothing is known of it any more
      if (!isFault(error) || error.code !== 'history_unreadable') throw error
      seen = { begun: [], failed: [], counts: {}, nodes: {} }
    }
    keep(this.#counted, run, { seen, closed, at, tookMs: Date.now() - at })
  }
}

/** Puts something down, and forgets what was put down first where there is too much. */
const keep = <T>(known: Map<string, T>, key: string, value: T): void => {
  known.delete(key)
  known.set(key, value)
  if (known.size > mostKnown) known.delete(known.keys().next().value as string)
}
