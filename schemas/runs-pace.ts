/** Input of the `runBatch` workflow. */
export type BatchRun = { tenant: string; batch: string; perMinute: number }

/** How many runs one round of a batch takes, and how long it then waits, in ms. */
export const paceOf = (perMinute: number): { runs: number; waitMs: number } =>
  perMinute >= 60
    ? { runs: Math.floor(perMinute / 60), waitMs: 1000 }
    : { runs: 1, waitMs: Math.ceil(60_000 / perMinute) }
