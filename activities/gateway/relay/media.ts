import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Usage } from '#schemas/gateway/wires/dialogue.ts'
import { tokensPerSecond } from '#schemas/gateway/wires/media/index.ts'
import { valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Asked } from './asked.ts'

const media = new Set<Operation>([
  'moderations',
  'images',
  'image_edits',
  'image_variations',
  'speech',
  'transcriptions',
  'translations',
])
/** Whether it is about images or sound, or what else is no conversation and has a wire of its own. */
export const isMedia = (operation: Operation): boolean => media.has(operation)

/** Those that are asked in a form, since files go along. */
export const inForms: ReadonlySet<Operation> = new Set([
  'image_edits',
  'image_variations',
  'transcriptions',
  'translations',
])

/** About four characters make a token, as in `estimate.ts`; said aloud, each comes to more than one of sound. */
const charactersPerToken = 4
const soundPerCharacter = 1.4
/** How fast people speak, in characters a second; and how many tokens of text a second of it comes to at most. */
const charactersPerSecond = 15
const textPerSecond = 5
/** How many bytes a second of sound takes, by the ending of its file; what is not named is as most are. */
const bytesPerSecond: Readonly<Record<string, number>> = {
  wav: 32_000,
  flac: 16_000,
  ogg: 4_000,
  webm: 4_000,
  m4a: 8_000,
}
const usually = 16_000
/** How much longer it may be than one would think. */
const margin = { sound: 8, spoken: 1.5 }

/** The most tokens of an image, by the quality that is asked for; where that is not said, a good one. */
const perImage: Readonly<Record<string, number>> = { low: 512, medium: 2_048, xhigh: 16_384, max: 32_768 }
const goodImage = 8_192
/** What one that is given comes to at most. */
const givenImage = 8_192

const fieldOf = ({ bytes, scanned }: Asked, name: string): unknown => valueAt(bytes, scanned, name)
const lengthOf = (asked: Asked, name: string): number => {
  const text = fieldOf(asked, name)
  return typeof text === 'string' ? text.length : 0
}

/** How long the sound is that is to be read, by how large its files are. */
const secondsOf = ({ form }: Asked): number =>
  (form?.files ?? []).reduce((sum, { name, size }) => {
    const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
    return sum + size / (bytesPerSecond[ending] ?? usually)
  }, 0)

const heard = (seconds: number, output: number): Partial<Usage> => {
  const tokens = Math.ceil(seconds * tokensPerSecond)
  return { input: tokens, audioInput: tokens, seconds, output: Math.ceil(output) }
}

const spoken = (asked: Asked, factor: number): Partial<Usage> => {
  const sound = Math.ceil(lengthOf(asked, 'input') * soundPerCharacter * factor)
  const input = Math.ceil((lengthOf(asked, 'input') + lengthOf(asked, 'instructions')) / charactersPerToken)
  return { input, output: sound, audioOutput: sound }
}

const drawn = (asked: Asked): Partial<Usage> => {
  const [n, quality] = [fieldOf(asked, 'n'), fieldOf(asked, 'quality')]
  const each = typeof quality === 'string' ? (perImage[quality] ?? goodImage) : goodImage
  const output = each * (typeof n === 'number' && n > 1 ? Math.min(Math.ceil(n), 100) : 1)
  const given = (asked.form?.files.length ?? (asked.operation === 'images' ? 0 : 1)) * givenImage
  return { input: Math.ceil(asked.bytes.length / 3) + given, imageInput: given, output, imageOutput: output }
}

/** The most that a request may come to. */
export function mostOf(asked: Asked): Partial<Usage> {
  switch (asked.operation) {
    case 'speech':
      return spoken(asked, margin.spoken)
    case 'transcriptions':
    case 'translations': {
      const seconds = secondsOf(asked) * margin.sound
      return heard(seconds, seconds * textPerSecond)
    }
    case 'moderations':
      return { input: Math.ceil(asked.bytes.length / 3) }
    default:
      return drawn(asked)
  }
}

/** About what a request used, of which that was not told: `said` is what came back, as far as that is text. */
export function aboutUsed(asked: Asked, said = '', lasts?: number): Partial<Usage> {
  if (asked.operation === 'speech') return spoken(asked, 1)
  if (asked.operation !== 'transcriptions' && asked.operation !== 'translations') return mostOf(asked)
  const seconds = lasts ?? (said === '' ? secondsOf(asked) : said.length / charactersPerSecond)
  return heard(seconds, said.length / charactersPerToken)
}
