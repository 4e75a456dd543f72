import { livingProcesses } from '#activities/system/store.ts'
import { withSystem } from '#activities/database.ts'
import { plugs, whenDown, type ProcessName, type ProcessRow } from '#schemas/system.ts'
import type { ApiDeps } from '../deps.ts'

type Supervised = {
  name: string
  state: ProcessRow['state']
  pid: number | null
  since: number | string | null
  restarts: number
  backAt: number | string | null
}
type Answer = { version: number; processes: Supervised[] }

/** A process that was silent for this long, in ms, no longer counts as an instance. */
const silent = 8_000

const iso = (time: number | string | null): string | null => (time === null ? null : new Date(time).toISOString())

/**
 * What runs right now, from the supervisor (whose changes arrive at once, even while the database is away) and from
 * the heartbeats in the database. Without a supervisor there are only the heartbeats.
 */
export class SystemView {
  readonly #deps: Pick<ApiDeps, 'db' | 'log' | 'supervisor'>
  readonly #listeners = new Set<() => void>()
  #supervised: Supervised[] = []
  #instances = new Map<string, number>()
  #stopping = new AbortController()

  constructor(deps: Pick<ApiDeps, 'db' | 'log' | 'supervisor'>) {
    this.#deps = deps
  }

  start(): void {
    if (this.#deps.supervisor !== undefined) void this.#followSupervisor(this.#deps.supervisor)
    void this.#countInstances()
  }

  stop(): void {
    this.#stopping.abort()
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  rows(): ProcessRow[] {
    return (Object.keys(plugs) as ProcessName[]).map((name) => this.#row(name))
  }

  #row(name: ProcessName): ProcessRow {
    const one = this.#supervised.find((process) => process.name === name)
    const instances = this.#instances.get(name) ?? 0
    const state = one?.state ?? (instances > 0 ? 'up' : 'unknown')
    return {
      id: name,
      name,
      title: plugs[name],
      state,
      pid: one?.pid ?? null,
      since: iso(one?.since ?? null),
      backAt: iso(one?.backAt ?? null),
      restarts: one?.restarts ?? 0,
      instances: Math.max(instances, state === 'up' ? 1 : 0),
      waits: state === 'up' || state === 'unknown' ? null : whenDown[name],
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  async #followSupervisor({ url, token }: { url: string; token: string }): Promise<void> {
    let version: number | undefined
    while (!this.#stopping.signal.aborted) {
      try {
        const wait = version === undefined ? '' : `?wait=${version}`
        const reply = await fetch(`${url}/processes${wait}`, {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(60_000)]),
        })
        const answer = (await reply.json()) as Answer
        version = answer.version
        this.#supervised = answer.processes
        this.#changed()
      } catch {
        await this.#pause(1000)
      }
    }
  }

  async #countInstances(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const living = await withSystem(this.#deps.db, (tx) => livingProcesses(tx, new Date(Date.now() - silent)))
        const counts = new Map<string, number>()
        for (const { name } of living) counts.set(name, (counts.get(name) ?? 0) + 1)
        const before = JSON.stringify([...this.#instances])
        this.#instances = counts
        if (JSON.stringify([...counts]) !== before) this.#changed()
      } catch {
        // the database is away; what the supervisor says still holds
      }
      await this.#pause(2000)
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
  }
}
