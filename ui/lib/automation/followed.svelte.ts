import { onDestroy } from 'svelte'
import type { RunCanvas } from '#schemas/runs.ts'
import { call } from '../call.ts'
import { Loaded } from '../loaded.svelte.ts'
import { paced } from '../paced.ts'

/** The least time between two looks at a run that moves, in ms. */
const lookEveryMs = 1000

/** Where the nodes of a run got to, asked for again whenever something is heard of it. */
export class FollowedCanvas {
  readonly asked: Loaded<RunCanvas>
  readonly #pace: ReturnType<typeof paced>

  constructor(run: string) {
    this.asked = new Loaded((signal) => call('GET /v1/runs/:run/canvas', { run }, undefined, { signal }))
    this.#pace = paced(lookEveryMs, this.asked.reload)
    onDestroy(() => this.#pace.stop())
  }

  /** Something happened to the run. */
  heard(): void {
    this.#pace.ask()
  }
}
