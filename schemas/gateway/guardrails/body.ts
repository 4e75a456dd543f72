/** Who says a text: `thought` is what a model thinks and providers sign, `echo` what an answer repeats of the request. */
export type Speaker = 'system' | 'user' | 'assistant' | 'tool' | 'thought' | 'echo'
/** Where a text stands. `isJson`: it is JSON as it is written, such as the arguments of a call. */
export type Place = { by: Speaker; isJson: boolean }
/** Looks at a text, and says what is to stand there. */
export type See = (text: string, place: Place) => string

type Members = { [key: string]: unknown }

/** A body that is nested deeper than anybody needs. */
export class TooDeep extends Error {}
const deepest = 100

/**
 * Members whose texts are words of the wire, or bytes in letters, and not what somebody says. What a wire will call its
 * texts one day is not known: all that stands elsewhere is looked at.
 */
const wordsOfWires = new Set(
  (
    'role type id object model tool_call_id tool_use_id call_id item_id file_id container_id previous_response_id status phase ' +
    'finish_reason stop_reason service_tier detail media_type mime_type format filename file_data file_url url image_url ' +
    'video_url signature encrypted_content encrypted_index data name namespace server_label recipient encoding server_url'
  ).split(' '),
)
/** Of a schema or a tool only what is told to the model in sentences, and the values that it may say. */
const wordsOfSchemas = new Set(['description', 'title', 'enum', 'const', 'default', 'examples'])

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

// "JSON.parse source text access" (ECMAScript 2026), which Node has and TypeScript's library does not know of yet
declare global {
  interface JSON {
    parse(text: string, reviver: Reviver): unknown
    rawJSON(text: string): object
    isRawJSON(value: unknown): boolean
  }
}

/** Numbers are kept as they were written, whatever their length. */
const keep: Reviver = (_, value, { source }) =>
  typeof value === 'number' && source !== undefined && String(value) !== source ? JSON.rawJSON(source) : value

/** JSON, read so that it can be written again with every number as it was. */
export const parseKept = (text: string): unknown => JSON.parse(text, keep)

const speakers: Readonly<Record<string, Speaker>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
}

const speakerOf = ({ role, type }: Members, before: Speaker): Speaker => {
  if (before === 'echo') return before
  if (type === 'thinking' || type === 'reasoning') return 'thought'
  if (typeof role === 'string') return speakers[role] ?? before
  if (typeof type !== 'string') return before
  if (/_(?:result|output)$/.test(type)) return 'tool'
  return /(?:_call|tool_use)$/.test(type) ? 'assistant' : before
}

/** Goes through the texts of a turn, a part or a list of them, and puts what `see` says in their place. */
export function eachText(value: unknown, by: Speaker, see: See, key = ''): unknown {
  return inWire(value, key, by, see, 0)
}

const inWire = (value: unknown, key: string, by: Speaker, see: See, depth: number): unknown => {
  if (depth > deepest) throw new TooDeep()
  if (typeof value === 'string') return wordsOfWires.has(key) ? value : said(value, key, by, see)
  if (Array.isArray(value)) {
    for (const [n, one] of value.entries()) value[n] = inWire(one, key, by, see, depth + 1)
    return value
  }
  if (!isMembers(value)) return value
  const speaker = speakerOf(value, by)
  // what is signed is not touched: the model has written it of what it was told
  if (speaker === 'thought' && typeof value['signature'] === 'string' && value['signature'] !== '') return value
  const isCall = typeof value['type'] === 'string' && value['type'].endsWith('tool_use')
  for (const name of Object.keys(value)) {
    const one = value[name]
    const whose = name === 'reasoning' || name === 'reasoning_content' ? 'thought' : speaker
    if (name === 'data' && value['type'] === 'text' && typeof one === 'string')
      value[name] = said(one, name, whose, see)
    else if (isCall && name === 'input') value[name] = inData(one, whose, see, depth + 1)
    else if (name === 'arguments' && typeof one !== 'string') value[name] = inData(one, whose, see, depth + 1)
    else value[name] = inWire(one, name, whose, see, depth + 1)
  }
  return value
}

const said = (text: string, key: string, by: Speaker, see: See): string =>
  text === '' ? text : see(text, { by, isJson: key === 'arguments' && /^\s*[[{"]/.test(text) })

/** Every text in it, whatever its name: it is data, and its names are of those who made the tool. */
const inData = (value: unknown, by: Speaker, see: See, depth: number): unknown => {
  if (depth > deepest) throw new TooDeep()
  if (typeof value === 'string') return said(value, '', by, see)
  if (Array.isArray(value)) for (const [n, one] of value.entries()) value[n] = inData(one, by, see, depth + 1)
  else if (isMembers(value))
    for (const name of Object.keys(value)) value[name] = inData(value[name], by, see, depth + 1)
  return value
}

/** What of schemas and tools is said to the model. */
export function eachDescription(value: unknown, see: See, depth = 0): unknown {
  if (depth > deepest) throw new TooDeep()
  if (Array.isArray(value)) for (const one of value) eachDescription(one, see, depth + 1)
  else if (isMembers(value))
    for (const name of Object.keys(value)) {
      const one = value[name]
      if (wordsOfSchemas.has(name) && (typeof one === 'string' || (name !== 'description' && name !== 'title')))
        value[name] = inData(one, 'system', see, depth + 1)
      else eachDescription(one, see, depth + 1)
    }
  return value
}
