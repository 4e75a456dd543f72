import { onDestroy } from 'svelte'
import { isClosed } from '#schemas/runs.ts'
import type { LoopTurn, LoopTurns } from '#schemas/runs-turns.ts'
import { call } from '../call.ts'
import { mayPass } from '../loaded.svelte.ts'
import { paced } from '../paced.ts'
import { keyOfLoop, keyOfTurn, type KnownPages, type PagedLoop } from './pages.ts'

/** The least time between two looks at loops whose pages are at work, in ms. */
const lookEveryMs = 1500

/** The loops of a run that are worked through in pages: how their turns stand, and those that are looked at. */
export class PagedLoops {
  known = $state.raw<KnownPages>({ loops: new Map(), turns: new Map() })
  error = $state.raw<unknown>()
  #wanted: readonly PagedLoop[] = []
  readonly #pace = paced(lookEveryMs, () => this.#look())
  readonly #abort = new AbortController()
  readonly #asking = new Set<string>()

  constructor() {
    onDestroy(() => {
      this.#pace.stop()
      this.#abort.abort()
    })
  }

  /** Says which loops and turns are looked at; what is not looked at any more is forgotten. */
  want(loops: readonly PagedLoop[]): void {
    this.#wanted = loops
    const { known } = this
    if (loops.some((one) => !known.loops.has(keyOfLoop(one)))) this.#pace.ask()
    for (const one of loops) if (one.turn !== undefined && !known.turns.has(keyOfTurn(one))) void this.#takeTurn(one)
  }

  /** Asks again after a failure. */
  retry = (): void => {
    this.error = undefined
    this.#pace.ask()
    this.want(this.#wanted)
  }

  async #look(): Promise<void> {
    for (const one of this.#wanted) {
      const before = this.known.loops.get(keyOfLoop(one))
      if (before !== undefined && !isOpen(before)) continue
      await this.#try(async (signal) => {
        const { run, loop, within } = one
        const seen = await call('GET /v1/runs/:run/loops/:loop', { run, loop }, { within }, { signal })
        this.#know({ loop: [keyOfLoop(one), seen] })
      })
      if (one.turn !== undefined && before !== undefined) await this.#takeTurn(one)
    }
    const known = this.#wanted.map((one) => this.known.loops.get(keyOfLoop(one)))
    if (known.some((one) => one !== undefined && isOpen(one)) || mayPass(this.error)) this.#pace.ask()
  }

  async #takeTurn(one: PagedLoop): Promise<void> {
    const key = keyOfTurn(one)
    if (this.#asking.has(key)) return
    this.#asking.add(key)
    await this.#try(async (signal) => {
      const { run, loop, within, turn } = one
      const given = { run, loop, turn: String(turn) }
      const seen = await call('GET /v1/runs/:run/loops/:loop/turns/:turn', given, { within }, { signal })
      this.#know({ turn: [key, seen] })
    })
    this.#asking.delete(key)
  }

  async #try(ask: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#abort
    try {
      await ask(signal)
      this.error = undefined
    } catch (error) {
      if (!signal.aborted) this.error = error
    }
  }

  #know({ loop, turn }: { loop?: [string, LoopTurns]; turn?: [string, LoopTurn] }): void {
    const loops = new Set(this.#wanted.map(keyOfLoop))
    const turns = new Set(this.#wanted.map(keyOfTurn))
    const kept = <T>(known: ReadonlyMap<string, T>, wanted: ReadonlySet<string>, more: [string, T] | undefined) =>
      new Map([...known, ...(more === undefined ? [] : [more])].filter(([key]) => wanted.has(key)))
    this.known = { loops: kept(this.known.loops, loops, loop), turns: kept(this.known.turns, turns, turn) }
  }
}

/** Whether more can come of it: pages are at work, or not all are counted in yet. */
const isOpen = ({ pages, counted }: LoopTurns): boolean => !counted || pages.some(({ state }) => !isClosed(state))
