/** A point in time in ms since 1970, of a number or an ISO 8601 text; null for what is none. Without a zone it is UTC. */
export const momentMs = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string') return null
  // the zone of the machine must never count: a run may go on at another one
  const ms = Date.parse(hasZone(value) ? value : `${value}Z`)
  return Number.isNaN(ms) ? null : ms
}

/** Whether a time says where it is so late; a day alone begins by UTC. */
export const hasZone = (text: string): boolean => /^\d{4}-\d\d-\d\d$|(?:z|[+-]\d\d:?\d\d|gmt)$/i.test(text.trim())
