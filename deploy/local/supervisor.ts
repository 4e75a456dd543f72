import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { backOff } from './back-off.ts'
import type { Exit } from './child.ts'
import { endLeftovers, forget, lockHome, record } from './process-records.ts'
import { sentenceOf } from './problem.ts'

/** `lastWords` is for a process that has ended: the error it died of, where it told one. */
type Running = {
  pid: number
  exited: Promise<Exit>
  stop(): Promise<void>
  lastWords?: () => string | undefined
}

/**
 * One process to keep alive. `start` resolves once it answers, calls `spawned` as soon as it has a pid, and gives up
 * what it only prepares (a download) when `stopping` is aborted.
 */
export type Part = {
  name: string
  stopSignal: NodeJS.Signals
  start(spawned: (pid: number) => void, stopping: AbortSignal): Promise<Running>
}

type PartState = 'starting' | 'up' | 'down' | 'pulled' | 'backing_off'

/** Times are ms since 1970; `backAt` is when a dead process starts again. */
export type PartStatus = {
  name: string
  state: PartState
  pid: number | null
  since: number
  restarts: number
  lastExit: Exit | null
  backAt: number | null
}

type Slot = { part: Part; status: PartStatus; running: Running | undefined; pulledMs: number; kept: Promise<void> }

const told = ({ code, signal }: Exit, words: string | undefined): string =>
  (signal === null ? `exit code ${code}` : `killed by ${signal}`) + (words === undefined ? '' : `: ${words}`)

/** Who lived this long before it died, in ms, rests as if it had never died before. */
const healthyMs = 30_000

/** Time in ms and chance from 0 to 1; tests have their own. */
type Chance = { now: () => number; random: () => number }

/** Keeps parts alive: restarts what dies, stops all in reverse order, ends what an earlier one left. */
export class Supervisor extends EventEmitter<{ change: [] }> {
  readonly #home: string
  readonly #log: (line: string) => void
  readonly #groups: Slot[][] = []
  readonly #stopping = new AbortController()
  readonly #unlock: () => void
  readonly #chance: Chance

  private constructor(home: string, log: (line: string) => void, unlock: () => void, chance: Chance) {
    super()
    this.#home = home
    this.#log = log
    this.#unlock = unlock
    this.#chance = chance
  }

  /** Takes the home (throws `Problem` when another supervisor has it) and ends what an earlier one left there. */
  static async open(
    home: string,
    log: (line: string) => void,
    chance: Chance = { now: Date.now, random: Math.random },
  ): Promise<Supervisor> {
    const unlock = lockHome(home)
    const left = await endLeftovers(home)
    if (left.length > 0) log(`ended what the last start left running: ${left.join(', ')}`)
    return new Supervisor(home, log, unlock, chance)
  }

  /** Aborted once everything is to end. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** Starts the parts side by side; resolves when all are up, rejects when one cannot start at all. */
  async up(parts: Part[]): Promise<void> {
    this.stopping.throwIfAborted()
    const first: Promise<void>[] = []
    const group = parts.map((part): Slot => {
      const status: PartStatus = {
        name: part.name,
        state: 'starting',
        pid: null,
        since: this.#chance.now(),
        restarts: 0,
        lastExit: null,
        backAt: null,
      }
      const ready = Promise.withResolvers<void>()
      first.push(ready.promise)
      const slot: Slot = { part, status, running: undefined, pulledMs: 0, kept: Promise.resolve() }
      slot.kept = this.#keep(slot, ready)
      return slot
    })
    this.#groups.push(group)
    await Promise.all(first)
  }

  list(): PartStatus[] {
    return this.#groups.flat().map((slot) => ({ ...slot.status }))
  }

  /** Pulls the plug: SIGKILL, dead for `seconds`, then started again. False when it is not up now. */
  kill(name: string, seconds: number): boolean {
    const slot = this.#groups.flat().find((found) => found.part.name === name)
    if (!slot?.running || slot.status.state !== 'up') return false
    slot.pulledMs = seconds * 1000
    this.#set(slot, { state: 'pulled', backAt: this.#chance.now() + slot.pulledMs })
    process.kill(slot.running.pid, 'SIGKILL')
    return true
  }

  /** Stops everything, last started first. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const group of this.#groups.toReversed()) {
      await Promise.all(
        group.map(async (slot) => {
          if (slot.running) await slot.running.stop()
          else this.#killNow(slot)
          await slot.kept
          this.#log(`${slot.part.name} has stopped`)
        }),
      )
    }
    this.#unlock()
  }

  /** Ends everything at once. */
  force(): void {
    for (const slot of this.#groups.flat()) this.#killNow(slot)
  }

  async #keep(slot: Slot, ready: PromiseWithResolvers<void>): Promise<void> {
    const { part } = slot
    for (let failures = 0; !this.stopping.aborted; slot.status.restarts++) {
      const began = this.#chance.now()
      let how = ''
      try {
        this.#set(slot, { state: 'starting', pid: null, backAt: null })
        slot.running = await part.start((pid) => this.#spawned(slot, pid), this.stopping)
        // It may have been told to stop while it was still on its way up.
        if (this.stopping.aborted) await slot.running.stop()
        this.#set(slot, { state: 'up', pid: slot.running.pid })
        this.#log(`${part.name} is up (${((this.#chance.now() - began) / 1000).toFixed(1)} s)`)
        ready.resolve()
        const lastExit = await slot.running.exited
        if (this.#chance.now() - began > healthyMs) failures = 0
        this.#set(slot, { lastExit, pid: null })
        how = ` (${told(lastExit, slot.running.lastWords?.())})`
      } catch (error) {
        ready.reject(error)
        if (!this.stopping.aborted) this.#log(`${part.name} did not start: ${sentenceOf(error)}`)
      }
      slot.running = undefined
      forget(this.#home, part.name)
      await this.#pause(slot, failures++, how)
    }
    this.#set(slot, { state: 'down', pid: null, backAt: null })
  }

  async #pause(slot: Slot, failures: number, how: string): Promise<void> {
    if (this.stopping.aborted) return
    const pulled = slot.pulledMs > 0
    const ms = pulled ? slot.pulledMs : backOff(failures, this.#chance.random)
    slot.pulledMs = 0
    this.#set(slot, { state: pulled ? 'pulled' : 'backing_off', pid: null, backAt: this.#chance.now() + ms })
    this.#log(`${slot.part.name} is down${how}, back in ${(ms / 1000).toFixed(1)} s`)
    await delay(ms, undefined, { signal: this.stopping }).catch(() => {})
  }

  #spawned(slot: Slot, pid: number): void {
    this.#set(slot, { pid })
    try {
      record(this.#home, slot.part.name, pid, slot.part.stopSignal)
    } catch (error) {
      // The disk is full. A process that no later start could find must not live.
      this.#killNow(slot)
      throw error
    }
  }

  #killNow(slot: Slot): void {
    try {
      if (slot.status.pid !== null) process.kill(slot.status.pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }

  #set(slot: Slot, change: Partial<PartStatus>): void {
    if (change.state !== undefined && change.state !== slot.status.state) slot.status.since = this.#chance.now()
    Object.assign(slot.status, change)
    this.emit('change')
  }
}
