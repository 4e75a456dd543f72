import { TypeID, typeid } from 'typeid-js'
import { z } from 'zod'

/**
 * Ids are TypeIDs (typeid spec 0.3): a prefix that says what it is and a UUIDv7 in Crockford base32, so they
 * sort by time and can be told apart in a log. A run takes the suffix of the receipt it answers: the same
 * webhook can therefore never start two.
 */
export const prefixes = {
  tenant: 'tnt',
  user: 'usr',
  session: 'ses',
  link: 'lnk',
  apiKey: 'key',
  source: 'src',
  secret: 'sec',
  receipt: 'rct',
  run: 'run',
  batch: 'bat',
  approval: 'apr',
  automation: 'aut',
  credential: 'crd',
  provider: 'prv',
  providerKey: 'pky',
  route: 'rte',
  virtualKey: 'vky',
  modelRequest: 'mrq',
  playground: 'plg',
  modelFile: 'file',
  modelBatch: 'batch',
  healthChange: 'hch',
  cache: 'cch',
  levers: 'lvr',
  classifier: 'clf',
  recording: 'rcd',
  quality: 'qlt',
  qualityRun: 'qrn',
  budget: 'bgt',
  price: 'prc',
  guardrail: 'grd',
  policy: 'pol',
  replay: 'rpl',
  arrival: 'arv',
  event: 'evt',
  request: 'req',
} as const

export type IdKind = keyof typeof prefixes

export const newId = (kind: IdKind): string => typeid(prefixes[kind]).toString()

/** The id of another kind made of the same UUID: `rct_01…` → `run_01…`. */
export const sisterId = (kind: IdKind, id: string): string => `${prefixes[kind]}_${id.slice(id.indexOf('_') + 1)}`

export const id = (kind: IdKind) =>
  z
    .string()
    .regex(new RegExp(`^${prefixes[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`), `is not the id of a ${kind}`)
    .meta({ example: `${prefixes[kind]}_01jd2x7m4hf8q9v0w3k5n6p7rs` })

/** The smallest id of this kind that could be made at `time` (ms since 1970): ids sort by when they were made. */
export const firstIdAt = (kind: IdKind, time: number): string => {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0')
  return TypeID.fromUUID(prefixes[kind], `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`).toString()
}
