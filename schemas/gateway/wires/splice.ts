/**
 * Changes single members of a JSON body in its bytes: the rest is passed on as it came, neither decoded nor written anew.
 * The members at the top are found by walking over the bytes; texts are jumped over. Nested values are not looked
 * into, so whoever is sent the bytes may still find them malformed.
 */
export type Span = { start: number; end: number }

export type Scan = {
  /** Just after the opening brace. */
  open: number
  /** The members in their order, with their keys as JSON.parse reads them; the same key may come twice. */
  members: { key: string; value: Span }[]
}

const quote = 34
const backslash = 92
const comma = 44
const colon = 58
const openBrace = 123
const closeBrace = 125
const openBracket = 91
const closeBracket = 93

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const skipSpace = (bytes: Uint8Array, from: number): number => {
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) break
  }
  return at
}

/** Where the text that opens at `from` has ended; -1 if it does not. */
const endOfText = (bytes: Uint8Array, from: number): number => {
  let at = from + 1
  for (;;) {
    // most texts are short, and a call into the engine costs more than some steps here
    for (const near = Math.min(at + 64, bytes.length); at < near; at++) {
      const byte = bytes[at]
      if (byte === quote) return at + 1
      if (byte === backslash) at++
    }
    const end = bytes.indexOf(quote, at)
    if (end === -1) return -1
    let before = end
    while (before > at && bytes[before - 1] === backslash) before--
    if ((end - before) % 2 === 0) return end + 1
    at = end + 1
  }
}

/** Where the object or list that opens at `from` has ended; -1 if it does not. */
const endOfNested = (bytes: Uint8Array, from: number): number => {
  let depth = 0
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) {
      at = endOfText(bytes, at) - 1
      if (at < 0) return -1
    } else if (byte === openBrace || byte === openBracket) depth++
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1
  }
  return -1
}

const endOfValue = (bytes: Uint8Array, from: number): number => {
  const first = bytes[from]
  if (first === quote) return endOfText(bytes, from)
  if (first === openBrace || first === openBracket) return endOfNested(bytes, from)
  let at = from
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte <= 32 || byte === comma || byte === closeBrace || byte === closeBracket) break
  }
  return at === from ? -1 : at
}

const keyOf = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  let plain = ''
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] ?? 0
    if (byte === backslash || byte > 127) {
      try {
        return JSON.parse(decoder.decode(bytes.subarray(start, end))) as string
      } catch {
        return undefined
      }
    }
    plain += String.fromCharCode(byte)
  }
  return plain
}

/** The members at the top of a body; undefined if it is no object or malformed there. */
export const scan = (bytes: Uint8Array): Scan | undefined => {
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== openBrace) return undefined
  const open = ++at
  const members: Scan['members'] = []
  at = skipSpace(bytes, at)
  if (bytes[at] === closeBrace) return skipSpace(bytes, at + 1) === bytes.length ? { open, members } : undefined
  for (;;) {
    if (bytes[at] !== quote) return undefined
    const keyEnd = endOfText(bytes, at)
    const key = keyEnd === -1 ? undefined : keyOf(bytes, at, keyEnd)
    if (key === undefined) return undefined
    at = skipSpace(bytes, keyEnd)
    if (bytes[at] !== colon) return undefined
    const start = skipSpace(bytes, at + 1)
    const end = endOfValue(bytes, start)
    if (end === -1) return undefined
    members.push({ key, value: { start, end } })
    at = skipSpace(bytes, end)
    if (bytes[at] === closeBrace) return skipSpace(bytes, at + 1) === bytes.length ? { open, members } : undefined
    if (bytes[at] !== comma) return undefined
    at = skipSpace(bytes, at + 1)
  }
}

/** Where the value of a member stands: of the last one, as JSON.parse has it, where the key comes twice. */
export const spanOf = (of: Scan, key: string): Span | undefined => of.members.findLast((one) => one.key === key)?.value

/** The value of a member; undefined if there is none, or if it is no JSON. */
export const valueAt = (bytes: Uint8Array, of: Scan, key: string): unknown => {
  const span = spanOf(of, key)
  if (span === undefined) return undefined
  try {
    return JSON.parse(decoder.decode(bytes.subarray(span.start, span.end)))
  } catch {
    return undefined
  }
}

/** Where the elements of a list stand, one after another; none, or none further, where it is no list or malformed. */
export function* elementsOf(bytes: Uint8Array, list: Span): Generator<Span> {
  if (bytes[list.start] !== openBracket) return
  for (let start = skipSpace(bytes, list.start + 1); bytes[start] !== closeBracket;) {
    const end = endOfValue(bytes, start)
    if (end === -1) return
    yield { start, end }
    const next = skipSpace(bytes, end)
    if (bytes[next] !== comma) return
    start = skipSpace(bytes, next + 1)
  }
}

const encoder = new TextEncoder()

/**
 * The body with these members set, in pieces that are to be sent one after another; what is given is JSON text. A key that
 * comes twice is set both times, so that no reader of the other kind finds what was there before. New members come first.
 */
export const splice = (bytes: Uint8Array, of: Scan, set: Readonly<Record<string, string>>): Uint8Array[] => {
  const pieces: Uint8Array[] = []
  const fresh = Object.keys(set).filter((key) => !of.members.some((one) => one.key === key))
  let from = 0
  if (fresh.length > 0) {
    const text = fresh.map((key) => `${JSON.stringify(key)}:${set[key]}`).join(',')
    pieces.push(bytes.subarray(0, of.open), encoder.encode(of.members.length === 0 ? text : `${text},`))
    from = of.open
  }
  for (const { key, value } of of.members) {
    const text = Object.hasOwn(set, key) ? set[key] : undefined
    if (text === undefined) continue
    pieces.push(bytes.subarray(from, value.start), encoder.encode(text))
    from = value.end
  }
  pieces.push(bytes.subarray(from))
  return pieces
}

/**
 * What to set so that a chat stream ends with its usage, and whether it was asked for anyway: if not, that chunk is to be
 * taken out again before the client sees it.
 */
export const usageAsked = (bytes: Uint8Array, of: Scan): { asked: boolean; set: Record<string, string> } => {
  const given = valueAt(bytes, of, 'stream_options')
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { asked: false, set: { stream_options: '{"include_usage":true}' } }
  if ('include_usage' in given && given.include_usage === true) return { asked: true, set: {} }
  return { asked: false, set: { stream_options: JSON.stringify({ ...given, include_usage: true }) } }
}
