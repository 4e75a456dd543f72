/** A share of so many, and between which two it lies in 95 of 100 cases. */
export type Interval = { value: number; low: number; high: number }

/** The two-sided 95 % point of the normal distribution. */
const z = 1.959964

/**
 * A share with its interval of 95 % (E. B. Wilson, 1927, “Probable inference, the law of succession, and statistical inference”):
 * it stays between 0 and 1, and is of use for few and for shares near 1. Null of none.
 */
export function wilson(good: number, all: number): Interval | null {
  if (all === 0) return null
  const value = good / all
  const scale = 1 + z ** 2 / all
  const middle = (value + z ** 2 / (2 * all)) / scale
  const half = (z / scale) * Math.sqrt((value * (1 - value)) / all + z ** 2 / (4 * all ** 2))
  // rounding must not put the share itself outside
  return { value, low: Math.min(value, Math.max(0, middle - half)), high: Math.max(value, Math.min(1, middle + half)) }
}

/**
 * What several shares come to together, each with its weight; weights add up to 1. The interval is put together of theirs (G. Y. Zou and
 * A. Donner, 2008, “Construction of confidence limits about effect measures”).
 */
export function mixed(parts: readonly { weight: number; of: Interval }[]): Interval {
  const sum = (of: (part: Interval) => number) => parts.reduce((all, part) => all + part.weight * of(part.of), 0)
  const off = (of: (part: Interval) => number) =>
    Math.sqrt(parts.reduce((all, part) => all + (part.weight * of(part.of)) ** 2, 0))
  const value = sum((one) => one.value)
  return {
    value,
    low: Math.max(0, value - off((one) => one.value - one.low)),
    high: Math.min(1, value + off((one) => one.high - one.value)),
  }
}
