import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { scan, usageAsked, valueAt, type Scan } from '#schemas/gateway/wires/splice.ts'
import type { Form } from './form.ts'
import type { Settings } from './settings.ts'

/** What a request says of itself, as far as its way depends on it; its bytes are passed on as they came. */
export type Asked = {
  operation: Operation
  model: string
  stream: boolean
  /** Whether the caller wants the usage of a stream told; it is asked for in any case. */
  usage: boolean
  /** Of a form, what its fields say, as JSON. */
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
  /** What is passed on in place of `bytes`. */
  form?: Form
  /** When it began to come, on the clock of the process; absent where it came from within. */
  arrived?: number
  /** It may wait, so that it is asked in a cheaper tier where there is one. */
  waits?: true
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
  const stream = operation === 'speech' ? tellsEvents(bytes, scanned) : (valueAt(bytes, scanned, 'stream') ?? false)
  if (typeof stream !== 'boolean') return { why: '`stream` is true or false.', param: 'stream' }
  const { asked: usage, set } =
    stream && (operation === 'chat' || operation === 'completions')
      ? usageAsked(bytes, scanned)
      : { asked: true, set: none }
  return { operation, model, stream, usage, bytes, scanned, set, headers, drops }
}

/** Sound comes as it is unless events are asked for. */
const tellsEvents = (bytes: Uint8Array, scanned: Scan): boolean => valueAt(bytes, scanned, 'stream_format') === 'sse'

const asNumber = new Set(['n', 'partial_images', 'temperature'])
const asFlag: Readonly<Record<string, boolean>> = { true: true, false: false }

/** What fields of a form say, in the types that they have in JSON; `name[]` is a list. */
const valueOf = (name: string, texts: readonly string[]): unknown => {
  if (name.endsWith('[]')) return texts
  const text = texts.at(-1) ?? ''
  if (name === 'stream') return asFlag[text.toLowerCase()] ?? text
  return asNumber.has(name) && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** The same of a form: its fields are read as if they were JSON. */
export function readForm(operation: Operation, form: Form, drops = false): Asked | Unread {
  const members = [...form.fields].map(([name, texts]) => [name.replace(/\[\]$/, ''), valueOf(name, texts)])
  const asked = readAsked(operation, Buffer.from(JSON.stringify(Object.fromEntries(members))), none, drops)
  return 'why' in asked ? asked : { ...asked, form }
}
