const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, { quarter: number; ms: number }>()
/** Zones never change their offset but at a quarter of an hour. */
const quarterMs = 900_000

/** How far a zone is ahead of UTC at a time, in ms; throws where there is no such zone. */
const offsetOf = (at: number, zone: string): number => {
  if (zone === 'UTC') return 0
  const quarter = Math.floor(at / quarterMs)
  const known = offsets.get(zone)
  if (known?.quarter === quarter) return known.ms
  const format = formats.get(zone) ?? formatOf(zone)
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const ms = Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
  offsets.set(zone, { quarter, ms })
  return ms
}

/** There are some 600 zones, but each may be written in small letters and large ones. */
const keep = 1000

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const all = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const time = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    ...all,
    ...time,
  })
  if (formats.size >= keep) {
    formats.clear()
    offsets.clear()
  }
  formats.set(timeZone, made)
  return made
}

export const isZone = (zone: string): boolean => {
  try {
    return Number.isFinite(offsetOf(0, zone))
  } catch {
    return false
  }
}

/** A time as the clocks of a zone show it: what conditions call `now`. */
export class Clock {
  readonly #at: number
  readonly #zone: string
  #here: Date | undefined

  constructor(at: number, zone: string) {
    this.#at = at
    this.#zone = zone
  }

  /** Its UTC fields say what the clocks of the zone say. */
  get #local(): Date {
    this.#here ??= new Date(this.#at + offsetOf(this.#at, this.#zone))
    return this.#here
  }

  get time(): Date {
    return new Date(this.#at)
  }
  get year(): number {
    return this.#local.getUTCFullYear()
  }
  get month(): number {
    return this.#local.getUTCMonth() + 1
  }
  get day(): number {
    return this.#local.getUTCDate()
  }
  get hour(): number {
    return this.#local.getUTCHours()
  }
  get minute(): number {
    return this.#local.getUTCMinutes()
  }
  /** 1 is Monday, 7 is Sunday. */
  get weekday(): number {
    return this.#local.getUTCDay() || 7
  }
  get workday(): boolean {
    return this.weekday < 6
  }
  get clock(): string {
    return this.#local.toISOString().slice(11, 16)
  }
  get date(): string {
    return this.#local.toISOString().slice(0, 10)
  }

  zoned(zone: string): Clock {
    return new Clock(this.#at, zone)
  }
}
