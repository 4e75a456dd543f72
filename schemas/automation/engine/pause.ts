import type { EngineState } from './state.ts'

type PauseState = Pick<EngineState, 'paused' | 'pausedAround'>

/** Holds back what would begin while a run is paused, in order: by itself, or with the run that it stands in. */
export class Pause {
  #itself: boolean
  #around: boolean
  #steps = 0
  /** How often the run was paused. */
  times = 0
  readonly #keepsSteps: boolean
  readonly #held: (() => void)[] = []

  /** By the rules before 3 a step that was let on and never taken was good for the next pause. */
  constructor({ paused = false, pausedAround = false }: Partial<PauseState> = {}, keepsSteps = false) {
    this.#itself = paused
    this.#around = pausedAround
    this.#keepsSteps = keepsSteps
  }

  get on(): boolean {
    return this.#itself || this.#around
  }

  state(): PauseState {
    return { paused: this.#itself, pausedAround: this.#around }
  }

  begin(): void {
    this.#set(true, this.#around)
  }

  /** It goes on, whoever had paused it. */
  end(): void {
    this.#set(false, false)
  }

  /** The run that it stands in was paused, or goes on; what was paused by itself stays so. */
  with(around: boolean): void {
    this.#set(this.#itself, around)
  }

  #set(itself: boolean, around: boolean): void {
    const before = this.on
    this.#itself = itself
    this.#around = around
    if (this.on === before) return
    if (this.on) this.times++
    else {
      if (!this.#keepsSteps) this.#steps = 0
      for (const begin of this.#held.splice(0)) begin()
    }
  }

  /** Lets one node begin all the same: one that waits to, or the next that would. */
  step(): void {
    const next = this.#held.shift()
    this.#steps++
    if (next !== undefined) next()
  }

  /** Whether a node may begin now; if not, `begin` is called when it may. */
  mayBegin(begin: () => void): boolean {
    if (!this.on) return true
    if (this.#steps > 0) {
      this.#steps--
      return true
    }
    this.#held.push(begin)
    return false
  }
}
