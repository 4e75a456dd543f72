import { livingProcesses } from '#activities/system/store.ts'
import { withSystem } from '#activities/database.ts'
import { plugs, whenDown, type ProcessName, type ProcessRow } from '#schemas/system.ts'
import type { ApiDeps } from '../deps.ts'
import { answersOf } from './parts.ts'

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

/** How long to wait before looking again, in ms. */
const lookEvery = 2_000

type Deps = Pick<ApiDeps, 'db' | 'log' | 'supervisor' | 'temporal' | 'sandboxUrl'>

/**
 * What runs right now, from the supervisor (whose changes arrive at once, even while the database is away) and from
 * the heartbeats in the database. What the supervisor did not start, as a Postgres of one's own, is asked itself.
 */
export class SystemView {
  readonly #deps: Deps
  readonly #listeners = new Set<() => void>()
  #supervised: Supervised[] = []
  #answers: Record<string, boolean> = {}
  #instances = new Map<string, number>()
  #stopping = new AbortController()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  start(): void {
    if (this.#deps.supervisor !== undefined) void this.#followSupervisor(this.#deps.supervisor)
    void this.#lookAround()
  }

  stop(): void {
    this.#stopping.abort()
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  rows(): ProcessRow[] {
    const names = (Object.keys(plugs) as ProcessName[]).filter((name) => name !== 'sandbox' || this.#hasSandbox())
    return names.map((name) => this.#row(name))
  }

  #hasSandbox(): boolean {
    return this.#deps.sandboxUrl !== undefined || this.#isSupervised('sandbox')
  }

  #isSupervised(name: ProcessName): boolean {
    return this.#supervised.some((process) => process.name === name)
  }

  /** Of a part that no supervisor speaks for: whether it answered; of our own processes, whether one gave a sign. */
  #seen(name: ProcessName): ProcessRow['state'] {
    if (name === 'api' || (this.#instances.get(name) ?? 0) > 0) return 'up'
    const supervisorIsSilent = this.#deps.supervisor !== undefined && this.#supervised.length === 0
    const answered = this.#answers[name] ?? (this.#answers['postgres'] === true ? false : undefined)
    return supervisorIsSilent || answered === undefined ? 'unknown' : answered ? 'up' : 'down'
  }

  #row(name: ProcessName): ProcessRow {
    const one = this.#supervised.find((process) => process.name === name)
    const instances = this.#instances.get(name) ?? 0
    const state = one?.state ?? this.#seen(name)
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

  async #lookAround(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const before = JSON.stringify([[...this.#instances], this.#answers])
      this.#answers = await answersOf(this.#parts())
      if (JSON.stringify([[...this.#instances], this.#answers]) !== before) this.#changed()
      await this.#pause(lookEvery)
    }
  }

  /** How to ask each part that no supervisor speaks for; the signs of life are counted on the way. */
  #parts(): Record<string, () => Promise<unknown>> {
    const { temporal, sandboxUrl } = this.#deps
    return {
      postgres: () => this.#countInstances(),
      ...(!this.#isSupervised('temporal') && {
        temporal: () => temporal.connection.workflowService.getSystemInfo({}),
      }),
      ...(!this.#isSupervised('sandbox') &&
        sandboxUrl !== undefined && { sandbox: () => fetch(`${sandboxUrl}/control`) }),
    }
  }

  async #countInstances(): Promise<void> {
    const living = await withSystem(this.#deps.db, (tx) => livingProcesses(tx, new Date(Date.now() - silent)))
    const counts = new Map<string, number>()
    for (const { name } of living) counts.set(name, (counts.get(name) ?? 0) + 1)
    this.#instances = counts
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
  }
}
