/** The last word of a zone's name, as people say it: `America/New_York` → `New York`. */
const cityOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')

/** Whose clock: `Chicago time`, or `UTC`. */
export const zoneInWords = (zone: string): string => (zone.includes('/') ? `${cityOf(zone)} time` : zone)

/** The zone that the reader's own clock goes by. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

type Known = { zone: string; said: string }

/** Where most dealerships stand; offered before anything is looked for. */
const usual = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'Pacific/Honolulu',
  'UTC',
]

/** Names of today that browsers know but list by their old ones. */
const renamed = ['Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Ho_Chi_Minh', 'Asia/Yangon', 'Europe/Kyiv']

let known: Known[] | undefined

const listedFirst = (region: string): string[] =>
  Intl.supportedValuesOf('timeZone').filter((zone) => zone.startsWith(region))

const zones = (): Known[] =>
  (known ??= [
    ...new Set([...usual, ...listedFirst('America/'), ...Intl.supportedValuesOf('timeZone'), ...renamed]),
  ].map((zone) => ({
    zone,
    said: `${zone} ${cityOf(zone)} ${nameOf(zone)}`.toLowerCase(),
  })))

/** What the clock there is called all year: `Central Time`. */
const nameOf = (zone: string): string =>
  new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longGeneric' })
    .formatToParts()
    .find((part) => part.type === 'timeZoneName')?.value ?? ''

/** The zones that a search finds by city, region or the name of the clock; those that dealerships use first. */
export function findZones(text: string, most = 8): string[] {
  const words = text.toLowerCase().replaceAll('_', ' ').split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...new Set([ownZone(), ...usual])].slice(0, most)
  return zones()
    .filter(({ said }) => words.every((word) => said.replaceAll('_', ' ').includes(word)))
    .slice(0, most)
    .map(({ zone }) => zone)
}

/** What the clock of a zone shows at a moment, and how far it is ahead of UTC: `04:15 · GMT-6`. */
export function clockThere(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  }).formatToParts(at)
  const said = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${said('hour')}:${said('minute')} · ${said('timeZoneName')}`
}
