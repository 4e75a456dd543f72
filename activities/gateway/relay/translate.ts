import { isFault } from '#schemas/errors.ts'
import type { ProviderKind } from '#schemas/gateway/kinds/kind.ts'
import type { Dialogue, Unsaid } from '#schemas/gateway/wires/dialogue.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import type { Asked } from './asked.ts'
import type { Spoken } from './speech.ts'

/** What is asked, as it can be said on any wire; or why that cannot be read. */
export function readDialogue(asked: Asked, spoken: Spoken): Dialogue | Failure {
  const dialogue = reading(asked, (body) => spoken.readRequest(body))
  return asked.stream && !('class' in dialogue) ? { ...dialogue, streamUsage: true } : dialogue
}

export function reading({ bytes }: Asked, by: (body: unknown) => Dialogue): Dialogue | Failure {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
    return by(body)
  } catch (error) {
    if (isFault(error)) return failure('invalid', error.message, paramOf(error.extra['issues']))
    if (error instanceof SyntaxError) return failure('invalid', 'The body is not JSON.')
    throw error
  }
}

const paramOf = (issues: unknown): { param?: string } => {
  const path: unknown = Array.isArray(issues) ? (issues[0] as { path?: unknown } | undefined)?.path : undefined
  return typeof path === 'string' && path !== '' ? { param: path.slice(1).replaceAll('/', '.') } : {}
}

/**
 * The body for a provider of another wire. What that cannot be told, and what the answer hangs on, is refused unless who asked
 * has said that it may be left out; what can be said nearly is said so, and labels that change no answer are left out. All of it
 * is told in `x-auterity-unsaid`.
 */
export function translate(
  dialogue: Dialogue,
  kind: ProviderKind,
  drops: boolean,
): { body: Uint8Array; unsaid: readonly Unsaid[] } | Failure {
  const { body, unsaid } = kind.write(dialogue)
  const lost = unsaid.filter(({ matters, near }) => matters && near !== true)
  const [first] = lost
  if (first !== undefined && !drops)
    return failure(
      'invalid',
      `${kind.title} cannot be asked this. ${lost.map(({ sentence }) => sentence).join(' ')} With the header “x-auterity-unsaid: drop” it is left out.`,
      { code: 'cannot_be_said', param: first.path.slice(1).replaceAll('/', '.') },
    )
  return { body: Buffer.from(JSON.stringify(body)), unsaid }
}

/** The places of what was left out or said otherwise, as a header. */
export const unsaidHeader = (unsaid: readonly Unsaid[]): string =>
  encodeURI([...new Set(unsaid.map(({ path }) => path))].join(' '))
    .replaceAll('%20', ' ')
    .slice(0, 1000)
