import type { Bodies, RecordedBody, Withheld } from '#schemas/gateway/bodies.ts'
import type { RecordedOf } from '#schemas/gateway/recording.ts'
import type { ModelRequest } from '#schemas/gateway/requests.ts'
import { bytesText } from '../parts/bytes.ts'

export const recordedWords: Record<RecordedOf, string> = {
  nothing: 'Nothing',
  some: 'Some requests, by key or tag',
  everything: 'Every request',
}

const withheldWords: Record<Withheld, string> = {
  guardrail: 'Not kept: a guardrail held it back, or it could not be kept masked.',
  unchecked: 'Not kept: the request was refused before any guardrail looked at it.',
  binary: 'Not kept: it is no text.',
  no_room: 'Not kept: too much waited to be written down, since the database was away or slow.',
}

type State = NonNullable<ModelRequest['bodies']>['state']
/** Why there is nothing to read, though it was to be recorded. */
export const stateWords: Record<Exclude<State, 'kept'>, { title: string; about: string }> = {
  missing: {
    title: 'Not there yet',
    about:
      'Bodies are written down within a second after the request. Where the database was away for long, they are lost; what the request cost is not.',
  },
  over: { title: 'Their time is over', about: 'Bodies are deleted when the days are over that they are kept for.' },
  deleted: { title: 'Deleted', about: 'Somebody deleted what this request said. The audit log tells who.' },
}

/** What there is to know of a body besides what it says, in a sentence or two; null where all of it is there as it was. */
export const bodyNote = ({ withheld, whole, gathered, bytes, text }: RecordedBody): string | null => {
  if (withheld !== null) return withheldWords[withheld]
  if (text === null) return null
  const said = [
    ...(gathered ? ['It came as a stream, and is put together here.'] : []),
    ...(whole ? [] : [gathered ? 'It broke off here.' : cutText(bytes, text)]),
  ]
  return said.length === 0 ? null : said.join(' ')
}

const cutText = (bytes: number, text: string | null): string => {
  const kept = new TextEncoder().encode(text ?? '').length
  return kept < bytes ? `The first ${bytesText(kept)} of ${bytesText(bytes)} are kept.` : 'It broke off here.'
}

/** The JSON of a body; its text where it is none. */
export const valueOf = (text: string): { value: unknown; plain: boolean } => {
  try {
    return { value: JSON.parse(text) as unknown, plain: false }
  } catch {
    return { value: text, plain: true }
  }
}

/** Tags as one types them: `store=north, beta`. */
export const readTagTexts = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((piece) => piece.trim())
      .filter((piece) => piece !== ''),
  ),
]

export type Side = 'asked' | 'answer'
export const sideTitles: Record<Side, string> = { asked: 'Asked', answer: 'Answered' }
export const sidesOf = (bodies: Bodies): { side: Side; body: RecordedBody }[] => [
  { side: 'asked', body: bodies.asked },
  { side: 'answer', body: bodies.answer },
]
