const firstMs = 250
const longestMs = 10_000

/**
 * How long a process that died rests before its next start, in ms: doubled with each failure up to 10 s, half of it
 * fixed and half of it random (`random` from 0 to 1), so that those who died together do not come back together.
 */
export const backOff = (failures: number, random: () => number = Math.random): number => {
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10))
  return whole / 2 + (random() * whole) / 2
}
