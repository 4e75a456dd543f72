import { mixed, wilson, type Interval } from './interval.ts'

/** Of so many samples: how often the cheaper answer was better, as good, or worse, and how often the two orders disagreed. */
export type Tally = {
  wins: number
  ties: number
  losses: number
  /** Ties since whoever was told first or second won in both orders. */
  flipped: number
  /** Where the judge said nothing that could be read. */
  unread: number
  /** Where somebody did not answer. */
  failed: number
  /** Taken and let go: the bound of a day was reached, the guard was turned off, or it was not in time. */
  skipped: number
  waiting: number
}
export const noTally: Tally = Object.freeze({
  wins: 0,
  ties: 0,
  losses: 0,
  flipped: 0,
  unread: 0,
  failed: 0,
  skipped: 0,
  waiting: 0,
})

export type Scored = {
  /** Verdicts that could be read. */
  n: number
  /** The share of requests where the cheaper answer was at least as good. */
  kept: Interval | null
  /** Wins less losses, of all. */
  net: number | null
}

/** Both arms of the same rules. */
export type Arms = { routed: Tally; kept: Tally }

export const verdicts = ({ wins, ties, losses }: Tally): number => wins + ties + losses

export function scored(tally: Tally): Scored {
  const n = verdicts(tally)
  return {
    n,
    kept: wilson(tally.wins + tally.ties, n),
    net: n === 0 ? null : (tally.wins - tally.losses) / n,
  }
}

/** All that were taken, whatever came of them: what share went to the cheaper model does not hang on who answered the guard. */
const taken = (tally: Tally): number => verdicts(tally) + tally.unread + tally.failed + tally.skipped + tally.waiting

/**
 * What would be kept if as many requests went to the cheaper model, but those that chance takes: of all requests, whichever arm
 * they are in. Null where the verdicts of one arm are missing. Each arm counts by how many requests were in it.
 */
export function byChance({ routed, kept }: Arms): Interval | null {
  const [ofRouted, ofKept] = [scored(routed).kept, scored(kept).kept]
  if (ofRouted === null || ofKept === null) return null
  const weight = taken(routed) / (taken(routed) + taken(kept))
  return mixed([
    { weight, of: ofRouted },
    { weight: 1 - weight, of: ofKept },
  ])
}

export const added = (a: Tally, b: Tally): Tally => ({
  wins: a.wins + b.wins,
  ties: a.ties + b.ties,
  losses: a.losses + b.losses,
  flipped: a.flipped + b.flipped,
  unread: a.unread + b.unread,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  waiting: a.waiting + b.waiting,
})

/** Of fewer verdicts nothing is done. */
export const fewestVerdicts = 20

/** Whether it is sure enough that too little is kept: even the upper end of the interval lies under the bound. */
export const isBelow = (tally: Tally, bound: number): boolean => {
  const { n, kept } = scored(tally)
  return n >= fewestVerdicts && kept !== null && kept.high < bound
}
