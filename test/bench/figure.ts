export type Figure = {
  bench: string
  metric: string
  value: number
  unit: string
  baseline?: number
  ratio?: number
  /** The interval in which 95 of 100 draws of the same rows lie. */
  low?: number
  high?: number
  n: number
}

const round = (value: number): number => Number(value.toPrecision(4))

/** Prints one figure as a JSON line; a baseline of the same run stands beside it with the ratio of the two. */
export function report(figure: Omit<Figure, 'ratio'>): void {
  const { baseline, low, high } = figure
  const line: Figure = {
    ...figure,
    value: round(figure.value),
    ...(baseline === undefined ? {} : { baseline: round(baseline), ratio: round(figure.value / baseline) }),
    ...(low === undefined ? {} : { low: round(low) }),
    ...(high === undefined ? {} : { high: round(high) }),
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The value below which `share` (0 to 1) of the samples lie; nearest rank. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)
