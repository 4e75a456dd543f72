import type { Per } from '#schemas/gateway/budgets.ts'

/** One limit of a budget. */
export type Limited = { tenant: string; budget: string; per: Per }

/** What a request asks of a limit, at the most. */
export type Claim = Limited & { amount: number }

export const keyOf = ({ budget, per }: Pick<Limited, 'budget' | 'per'>): string => `${budget} ${per}`

/** What this process holds of one window of a limit. Times in ms since 1970. */
export class Window {
  readonly of: Limited
  readonly starts: number
  readonly ends: number
  /** Lent to this process, and neither given back nor written down as spent. */
  granted = 0
  /** Of it, for requests that are under way. */
  reserved = 0
  /** Of it, spent by requests that are not written down yet. */
  settled = 0
  usedAt = 0
  /** Whether the database may think that more is lent than is known here: its answer was lost. */
  isUnsure = false
  /** As the database told last: the limit, and what of it nobody held. */
  cap = 0
  left = 0

  constructor(of: Limited, starts: number, ends: number) {
    this.of = of
    this.starts = starts
    this.ends = ends
  }

  /** May be below zero, where a request took more than was reserved for it. */
  get free(): number {
    return this.granted - this.reserved - this.settled
  }

  get isIdle(): boolean {
    return this.reserved === 0 && this.settled === 0
  }
}

/** What was reserved for one request, of each limit that it falls under. */
export type Reservation = readonly { window: Window; amount: number }[]

/** What a process holds of all limits, in memory: whatever is reserved was lent before, of all limits or of none. */
export class Ledger {
  readonly #current = new Map<string, Window>()

  /** The window that runs at `now`; none where nothing is known of it. */
  find(of: Pick<Limited, 'budget' | 'per'>, now: number): Window | undefined {
    const window = this.#current.get(keyOf(of))
    return window === undefined || window.ends <= now ? undefined : window
  }

  /** What requests came to of a limit that is not written down yet. */
  settledOf({ budget, per }: Pick<Limited, 'budget' | 'per'>): number {
    return this.#current.get(keyOf({ budget, per }))?.settled ?? 0
  }

  windows(): Iterable<Window> {
    return this.#current.values()
  }

  /** Those of `claims` for which too little is held. */
  lacking(claims: readonly Claim[], now: number): Claim[] {
    return claims.filter((claim) => (this.find(claim, now)?.free ?? 0) < claim.amount)
  }

  /** All or nothing: null where anything lacks. */
  reserve(claims: readonly Claim[], now: number): Reservation | null {
    const parts: { window: Window; amount: number }[] = []
    for (const claim of claims) {
      const window = this.find(claim, now)
      if (window === undefined || window.free < claim.amount) return null
      parts.push({ window, amount: claim.amount })
    }
    for (const { window, amount } of parts) {
      window.reserved += amount
      window.usedAt = now
    }
    return parts
  }

  /** The window is what the database says it is; one before it ends here, with what is still under way. */
  grant(of: Limited, { starts, ends, amount }: { starts: number; ends: number; amount: number }): Window {
    const key = keyOf(of)
    let window = this.#current.get(key)
    if (window === undefined || window.starts !== starts) {
      window = new Window(of, starts, ends)
      this.#current.set(key, window)
    }
    window.granted += amount
    return window
  }

  /** A request is over: `spent` of each limit stays held until it is written down. */
  settle(reservation: Reservation, spent: readonly number[]): void {
    for (const [n, { window, amount }] of reservation.entries()) {
      window.reserved -= amount
      window.settled += spent[n] ?? 0
    }
  }

  /** Of a window that is past nobody asks any more. */
  written(of: Pick<Limited, 'budget' | 'per'>, starts: number, amount: number): void {
    const window = this.#current.get(keyOf(of))
    if (window === undefined || window.starts !== starts) return
    window.settled -= amount
    window.granted -= amount
  }

  /** Takes out what nobody needs, to be given back. */
  takeFree(window: Window): number {
    const free = Math.max(0, window.free)
    window.granted -= free
    return free
  }

  forget(window: Window): void {
    if (this.#current.get(keyOf(window.of)) === window) this.#current.delete(keyOf(window.of))
  }

  /** What was lent is no longer ours; what is under way has to be covered anew. */
  disown(): void {
    for (const window of this.#current.values()) window.granted = 0
  }
}
