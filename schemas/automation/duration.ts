const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gy

/** The longest wait that is taken: 5 years, in ms. */
export const longest = 5 * 365 * units.d

/**
 * `1h30m` in ms; a number is taken as ms. `null` where it is neither, is negative or longer than `longest`.
 */
export function durationMs(value: unknown): number | null {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? read(value.replaceAll(' ', '')) : null
  return ms === null || !Number.isFinite(ms) || ms < 0 || ms > longest ? null : Math.round(ms)
}

const read = (text: string): number | null => {
  let ms = 0
  let end = 0
  for (const [whole, count, unit] of text.matchAll(part)) {
    ms += Number(count) * units[unit as keyof typeof units]
    end += whole.length
  }
  return end === 0 || end !== text.length ? null : ms
}
