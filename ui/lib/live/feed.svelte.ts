import { onDestroy } from 'svelte'
import type { LiveRow, Topic } from '#schemas/live.ts'
import { whenUnauthenticated } from '../call.ts'
import type { Connection } from './connection.ts'
import { Feed, type Subscription } from './feed.ts'
import { browserSignals } from './page-signals.ts'
import type { Compare } from './topic-rows.ts'

let onUnauthenticated = (): void => {}

/** Tells both doors to the server, calls and feed, what to do when nobody is signed in any more. */
export const onSignedOut = (act: () => void): void => {
  onUnauthenticated = act
  whenUnauthenticated(act)
}

/** The one feed of this page. */
export const feed = new Feed({ origin: '', signals: browserSignals(), onUnauthenticated: () => onUnauthenticated() })

let now = $state<Connection>(feed.connection)
feed.onConnection(() => (now = feed.connection))

/** The feed's own state, as a rune. */
export const connection = {
  get state() {
    return now.state
  },
  get behindSeconds() {
    return now.behindSeconds
  },
  get since() {
    return now.since
  },
}

/**
 * The rows of a topic, live for as long as the component that makes it is on the screen:
 * `const runs = new LiveRows<Run>('runs', newestFirst)`. For a topic that changes, make it in a keyed block.
 */
export class LiveRows<R extends LiveRow> {
  #rows = $state.raw<readonly R[]>([])
  #ready = $state(false)
  readonly #subscription: Subscription

  constructor(topic: Topic, compare: Compare<R>) {
    this.#subscription = feed.subscribe(topic, { onChange: () => this.#read(), compare: compare as Compare })
    this.#read()
    onDestroy(() => this.#subscription.close())
  }

  get rows(): readonly R[] {
    return this.#rows
  }

  /** False until the first snapshot has come: show a skeleton, not an empty state. */
  get ready(): boolean {
    return this.#ready
  }

  #read(): void {
    this.#rows = this.#subscription.rows() as readonly R[]
    this.#ready = this.#subscription.ready()
  }
}
