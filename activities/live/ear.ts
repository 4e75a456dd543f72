import type { PoolClient } from 'pg'
import type { Databases } from '#activities/database.ts'
import { pause } from '#activities/lifecycle.ts'

/** How long it waits before it listens again after a connection was lost, in ms. */
const listenAgainAfter = 300

type Listener = {
  /** A change was announced: `<tenant> <topic>`, ids only. */
  heard(tenant: string, topic: string): void
  /** It listens from now on; what was announced before may have been missed. */
  opened(): void
}

/** This process's ear at the database: one connection that hears every change of every tenant as ids. */
export class Ear {
  readonly #db: Databases
  readonly #listeners = new Set<Listener>()
  readonly #stop = new AbortController()
  #opened = false
  #hears = false

  constructor(db: Databases) {
    this.#db = db
  }

  /** Whether every change is heard now; while not, what was heard may be out of date. */
  get hears(): boolean {
    return this.#hears
  }

  /** Listeners are called in the order in which they came. */
  on(listener: Listener): void {
    this.#listeners.add(listener)
  }

  /** Begins to listen, once; comes back by itself when the database does. */
  open(): void {
    if (this.#opened || this.#stop.signal.aborted) return
    this.#opened = true
    void this.#listen()
  }

  close(): void {
    this.#stop.abort()
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      let client: PoolClient | undefined
      try {
        client = await this.#db.pools.system.connect()
        await this.#follow(client)
      } catch {
        // the database is away; the next round tells
      } finally {
        this.#hears = false
        // not given back to the pool: it has ears
        client?.release(true)
      }
      await pause(listenAgainAfter, signal)
    }
  }

  /** Resolves when the connection is gone or nothing is to be heard any more. */
  async #follow(client: PoolClient): Promise<void> {
    const { signal } = this.#stop
    const gone = new Promise<void>((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end)
        this.#hears = false
        resolve()
      }
      client.once('end', end)
      client.once('error', end)
      if (signal.aborted) end()
      else signal.addEventListener('abort', end)
    })
    client.on('notification', ({ payload = '' }) => {
      const [tenant = '', topic = ''] = payload.split(' ')
      for (const listener of this.#listeners) listener.heard(tenant, topic)
    })
    await client.query('listen auterity_live')
    if (signal.aborted) return
    this.#hears = true
    for (const listener of this.#listeners) listener.opened()
    await gone
  }
}
