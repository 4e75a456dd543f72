import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { scan, usageAsked, valueAt, type Scan } from '#schemas/gateway/wires/splice.ts'
import type { Settings } from './settings.ts'

/** What a request says of itself, as far as its way depends on it; its bytes are passed on as they came. */
export type Asked = {
  operation: Operation
  model: string
  stream: boolean
  /** Whether the caller wants the usage of a stream told; it is asked for in any case. */
  usage: boolean
  bytes: Uint8Array
  scanned: Scan
  /** Headers that go along to whoever answers. */
  along?: Readonly<Record<string, string>>
  /** What is set whoever answers. */
  set: Readonly<Record<string, string>>
  /** Headers that go on to a provider of the same wire. */
  headers: Readonly<Record<string, string>>
  /** What of it a provider of another wire cannot be told is left out, where it would otherwise be refused. */
  drops: boolean
  /** All headers that it came with, by their names in small letters. */
  told?: Readonly<Record<string, string | string[] | undefined>>
  /** What rules have set of it. */
  settings?: Settings
}
export type Unread = { why: string; param: string | null }

const none = {}

/** Reads what is asked for, or says what is wrong with it. */
export function readAsked(
  operation: Operation,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = none,
  drops = false,
): Asked | Unread {
  const scanned = scan(bytes)
  if (scanned === undefined) return { why: 'The body is not a JSON object.', param: null }
  const model = valueAt(bytes, scanned, 'model')
  if (typeof model !== 'string' || model === '')
    return { why: 'Say which model you ask: `model` is a text.', param: 'model' }
  const stream = valueAt(bytes, scanned, 'stream') ?? false
  if (typeof stream !== 'boolean') return { why: '`stream` is true or false.', param: 'stream' }
  const { asked: usage, set } =
    stream && (operation === 'chat' || operation === 'completions')
      ? usageAsked(bytes, scanned)
      : { asked: true, set: none }
  return { operation, model, stream, usage, bytes, scanned, set, headers, drops }
}
