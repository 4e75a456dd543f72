import { holdNew } from './merge.ts'

/** Further down than this (px), new rows wait until they are asked for. */
const readingFrom = 240

/** The rows of a live list as somebody reads them: what comes while they look further down moves nothing. */
export class Reading<R extends { id: string }> {
  /** The row that was the newest when they began to look further down. */
  #top = $state<string>()
  readonly #of: { all: () => readonly R[] } = { all: () => [] }
  readonly #split = $derived(holdNew(this.#of.all(), this.#top))

  /** @param all newest first */
  constructor(all: () => readonly R[]) {
    this.#of.all = all
  }

  get all(): readonly R[] {
    return this.#of.all()
  }

  get rows(): readonly R[] {
    return this.#split.rows
  }

  /** How many wait. */
  get held(): number {
    return this.#split.held
  }

  /** The page was scrolled to so many px from its top. */
  scrolled(y: number): void {
    if (y < readingFrom) this.#top = undefined
    else this.#top ??= this.all[0]?.id
  }

  showAll(): void {
    this.#top = undefined
  }
}
