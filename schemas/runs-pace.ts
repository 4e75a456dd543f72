/** Input of the `runBatch` workflow. */
export type BatchRun = { tenant: string; batch: string; perMinute: number }

/** The most runs of one batch, of those named one by one, and in a minute. */
export const batchLimits = { runs: 20_000, named: 500, perMinute: 6000 } as const

/** How many runs one round of a batch takes, and how long it then waits, in ms: a round a second, or one run a round. */
export const paceOf = (perMinute: number): { runs: number; waitMs: number } => {
  const runs = Math.max(1, Math.floor(perMinute / 60))
  return { runs, waitMs: Math.ceil((runs * 60_000) / perMinute) }
}

/** How long a batch of so many runs waits in all, in ms; what the runs themselves take comes on top. */
export const lastsFor = (total: number, perMinute: number): number => {
  const { runs, waitMs } = paceOf(perMinute)
  return Math.max(0, Math.ceil(total / runs) - 1) * waitMs
}
