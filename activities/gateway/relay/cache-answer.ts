import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { isFault } from '#schemas/errors.ts'
import { frame, type StreamReader } from '#schemas/gateway/wires/change.ts'
import { readReply, streamReader } from '#schemas/gateway/wires/completions/reader.ts'
import type { Reply, Stop, Usage } from '#schemas/gateway/wires/dialogue.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import { Folded, unfold } from '#schemas/gateway/wires/fold.ts'
import { wires } from '#schemas/gateway/wires/index.ts'
import { EventSplitter } from '#schemas/gateway/wires/sse.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import { speeches } from './speech.ts'
import type { Tokens } from './usage.ts'

/** An answer as it is kept: whole, on the wire of who asked. */
export type CachedAnswer = {
  /** The request whose answer it was. */
  of: string
  body: string
  provider: string
  kind: KindName
  model: string
  /** What it took; null where that was not told. */
  tokens: Tokens | null
  /** What of the request could not be said to who answered. */
  unsaid: string | null
}

/** How answers of an operation are read, where they are read at all. */
type Reads = { readReply(body: unknown): Reply; streamReader(): StreamReader }
const { chat, messages, responses } = wires
const reads: Partial<Record<Operation, Reads>> = {
  chat,
  messages,
  responses,
  completions: { readReply, streamReader },
}

/** Reads a whole answer; null where its operation has no reader. */
export const readWhole = (operation: Operation, said: unknown): Reply | null =>
  reads[operation]?.readReply(said) ?? null

/** Why a model stops when it has said what it wants to say, or as much as it was given room for. */
const proper: ReadonlySet<Stop> = new Set<Stop>(['end', 'stop_sequence', 'tool_calls', 'length'])

const isGood = ({ choices }: Reply): boolean =>
  choices.length > 0 && choices.every(({ parts, stop }) => parts.length > 0 && proper.has(stop))

/** What to keep of an answer that came well; null where that is no answer to give again. */
export function answerOf(
  { operation }: Asked,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
  row: Accounted,
): CachedAnswer | null {
  const { provider, kind, model } = row
  if (provider === null || kind === null || model === null) return null
  const isStream = headers['content-type']?.startsWith('text/event-stream') === true
  try {
    const body = isStream ? wholeOf(operation, bytes, row) : checked(operation, bytes)
    const unsaid = headers['x-auterity-unsaid'] ?? null
    return body === null ? null : { of: row.id, body, provider, kind, model, tokens: row.tokens, unsaid }
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()

const checked = (operation: Operation, bytes: Uint8Array): string | null => {
  const body = textOf(bytes)
  const said = parsed(body)
  if (said === undefined) return null
  const read = reads[operation]
  const isWell = read === undefined ? hasData(said) : isGood(read.readReply(said))
  return isWell ? body : null
}

const hasData = ({ data }: { data?: unknown }): boolean => Array.isArray(data) && data.length > 0

/** A stream put together, as far as it came; null where its operation has no reader. */
export const gathered = (operation: Operation, bytes: Uint8Array): Folded | null => {
  const read = reads[operation]
  if (read === undefined) return null
  const reader = read.streamReader()
  const folded = new Folded()
  for (const { event } of new EventSplitter().push(bytes))
    if (event !== undefined) for (const change of reader.read(event)) folded.add(change)
  for (const change of reader.finish()) folded.add(change)
  return folded
}

/** A stream put together to the answer that it was. */
const wholeOf = (operation: Operation, bytes: Uint8Array, row: Accounted): string | null => {
  const { spoken } = speeches[operation]
  const folded = gathered(operation, bytes)
  if (folded === null || spoken === null) return null
  if (folded.failure !== undefined || !folded.ended) return null
  const { reply } = folded
  if (!isGood(reply)) return null
  const usage = reply.usage ?? (row.estimated ? undefined : usageOf(row.tokens))
  return JSON.stringify(spoken.writeReply({ ...reply, ...(usage === undefined ? {} : { usage }) }).body)
}

const usageOf = (tokens: Tokens | null): Usage | undefined =>
  tokens === null
    ? undefined
    : {
        input: tokens.input - tokens.cached - tokens.cacheWrite,
        output: tokens.output,
        cacheRead: tokens.cached,
        cacheWrite: tokens.cacheWrite,
        reasoning: tokens.reasoning,
      }

/** An answer that is kept, as this request wants it: whole or as a stream. Null where it cannot be said so. */
export function sayAgain({ body, unsaid }: CachedAnswer, { operation, stream, usage }: Asked) {
  const more = unsaid === null ? {} : { 'x-auterity-unsaid': unsaid }
  if (!stream) return { headers: { 'content-type': 'application/json', ...more }, body }
  const [read, { spoken }] = [reads[operation], speeches[operation]]
  const said = parsed(body)
  if (read === undefined || spoken === null || said === undefined) return null
  try {
    const writer = spoken.streamWriter({ usage })
    const events = [...unfold(read.readReply(said))].flatMap((change) => writer.write(change))
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', ...more }
    return { headers, body: events.map(frame).join('') }
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}

/** What an answer says in words; null where it says nothing in words alone. */
export function textOfAnswer({ operation }: Pick<Asked, 'operation'>, body: string): string | null {
  const said = parsed(body)
  const read = reads[operation]
  if (said === undefined || read === undefined) return null
  try {
    const parts = read.readReply(said).choices.flatMap((choice) => choice.parts)
    const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    return texts.length === 0 || parts.some(({ type }) => type === 'tool_call') ? null : texts.join('\n')
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}
