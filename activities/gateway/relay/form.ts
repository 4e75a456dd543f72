import type { Span } from '#schemas/gateway/wires/splice.ts'

/** A file of a form: under which name it was sent, what it is called, of which media type it says to be, how many bytes. */
export type FormFile = { field: string; name: string; type: string; size: number }

/**
 * A form (RFC 7578) in the pieces in which it came. Nothing is taken out of it: what a provider is sent are the same
 * pieces, but for the values of single fields.
 */
export type Form = {
  contentType: string
  pieces: readonly Buffer[]
  /** The texts of it, by their names; more than one where a name comes again. */
  fields: ReadonlyMap<string, readonly string[]>
  /** Where in all its bytes the values of a field stand. */
  spans: ReadonlyMap<string, readonly Span[]>
  files: readonly FormFile[]
  /** Where it begins and ends in all its bytes: what is put around it is not passed on. */
  begin: number
  end: number
}

/** Why a form cannot be read; its sentence is for who sent it. */
export class Unreadable extends Error {}

/** Hears the bytes of a file as they come. */
export type FileListener = { begins(file: FormFile): void; data(bytes: Buffer): void; ends(): void }

const most = { head: 16 * 1024, field: 1024 * 1024, parts: 256 }
const blankLine = Buffer.from('\r\n\r\n')
const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What parts a form, as its content type says; undefined where that is of no form. */
export const boundaryOf = (contentType: string): string | undefined => {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? plain
}

type Part = { name: string; file: FormFile | null; start: number; text: Buffer[]; size: number }

/**
 * Reads a form while it comes, in one pass: where its parts are, and what the short ones say. Whatever one reader of such a form
 * might take for another field than the next one is refused, so that nobody is asked for something else than was looked at.
 */
export class FormReader {
  readonly #delimiter: Buffer
  readonly #listener: FileListener | null
  /** What was not looked at yet: less than a delimiter, or the beginning of a head. */
  #rest: Buffer = Buffer.from('\r\n')
  /** Where `#rest` begins in all bytes; what is put before them has no place there. */
  #at = -2
  #state: 'before' | 'head' | 'body' | 'after' = 'before'
  #part: Part | null = null
  #parts = 0
  readonly fields = new Map<string, string[]>()
  readonly spans = new Map<string, Span[]>()
  readonly files: FormFile[] = []
  begin = 0
  end = 0

  constructor(boundary: string, listener: FileListener | null = null) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#listener = listener
  }

  push(piece: Buffer): void {
    if (this.#state === 'after') return
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    for (;;) {
      const used = this.#step(bytes)
      if (used === null) break
      this.#at += used
      bytes = bytes.subarray(used)
    }
    this.#rest = bytes
  }

  /** Says that there is no more of it. */
  close(): void {
    if (this.#state !== 'after') throw new Unreadable('The form breaks off before its end.')
  }

  /** How many bytes of these were understood; null where it takes more to go on. */
  #step(bytes: Buffer): number | null {
    if (this.#state === 'after') return null
    return this.#state === 'head' ? this.#head(bytes) : this.#upToDelimiter(bytes)
  }

  #upToDelimiter(bytes: Buffer): number | null {
    const found = bytes.indexOf(this.#delimiter)
    const after = found + this.#delimiter.length
    // two more bytes tell whether it is the last one
    if (found !== -1 && bytes.length < after + 2) return this.#take(bytes.subarray(0, found))
    if (found === -1) return this.#take(bytes.subarray(0, Math.max(0, bytes.length - this.#delimiter.length)))
    const next = bytes.toString('latin1', after, after + 2)
    if (next !== '--' && next !== '\r\n') {
      if (/^[ \t]/.test(next)) throw new Unreadable('The form has spaces behind a boundary.')
      // longer than the boundary: part of what is said
      return this.#take(bytes.subarray(0, after))
    }
    this.#take(bytes.subarray(0, found))
    if (this.#state === 'before') this.begin = this.#at + found + 2
    this.#endPart(this.#at + found)
    this.#state = next === '--' ? 'after' : 'head'
    if (next === '--') this.end = this.#at + after + 2
    return after + 2
  }

  #take(bytes: Buffer): number | null {
    const part = this.#part
    if (bytes.length === 0) return null
    if (part === null) return bytes.length
    part.size += bytes.length
    if (part.file !== null) this.#listener?.data(bytes)
    else if (part.size > most.field) throw new Unreadable(`The field “${part.name}” has more than ${most.field} bytes.`)
    else part.text.push(bytes)
    return bytes.length
  }

  #head(bytes: Buffer): number | null {
    const end = bytes.indexOf(blankLine)
    if (end === -1 && bytes.length <= most.head) return null
    if (end === -1 || end > most.head) throw new Unreadable('A part of the form has a head without an end.')
    if (++this.#parts > most.parts) throw new Unreadable(`The form has more than ${most.parts} parts.`)
    const { name, file } = readHead(bytes.toString('utf8', 0, end))
    const start = end + blankLine.length
    this.#part = { name, file, start: this.#at + start, text: [], size: 0 }
    if (file !== null) this.#listener?.begins(file)
    this.#state = 'body'
    // the delimiter of an empty part begins with the line end of its head
    return start
  }

  #endPart(end: number): void {
    const part = this.#part
    if (part === null) return
    this.#part = null
    const { name, file, text, size, start } = part
    if (file !== null) {
      this.files.push({ ...file, size })
      return this.#listener?.ends()
    }
    try {
      push(this.fields, name, fatal.decode(Buffer.concat(text)))
    } catch {
      throw new Unreadable(`The field “${name}” is no text in UTF-8.`)
    }
    push(this.spans, name, { start, end })
  }
}

const push = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

const parameter = /;\s*([^\s=;"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gy

const readHead = (head: string): { name: string; file: FormFile | null } => {
  const said = new Map<string, string>()
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':')
    const key = line.slice(0, colon).toLowerCase()
    if (colon <= 0 || /[^!-~]/.test(key) || said.has(key) || /[\r\n]/.test(line))
      throw new Unreadable('A part of the form has a head that is malformed.')
    said.set(key, line.slice(colon + 1).trim())
  }
  const disposition = said.get('content-disposition') ?? ''
  if (!/^form-data\s*;/i.test(disposition))
    throw new Unreadable('A part of the form does not say that it is form-data.')
  const parameters = parametersOf(disposition.slice(disposition.indexOf(';')))
  const name = parameters.get('name')
  if (name === undefined) throw new Unreadable('A part of the form has no name, or says it twice.')
  if (!/^(?:7bit|8bit|binary)?$/i.test(said.get('content-transfer-encoding') ?? ''))
    throw new Unreadable(`The part “${name}” is encoded; forms are sent as they are.`)
  const filename = parameters.get('filename')
  if (filename === undefined) return { name, file: null }
  return { name, file: { field: name, name: filename, type: said.get('content-type') ?? '', size: 0 } }
}

const parametersOf = (text: string): Map<string, string> => {
  const found = new Map<string, string>()
  let at = 0
  while (at < text.length) {
    parameter.lastIndex = at
    const match = parameter.exec(text)
    const key = match?.[1]?.toLowerCase() ?? ''
    // `name*` is for mail; of two names, another reader may take the other
    if (match === null || key === 'name*' || found.has(key))
      throw new Unreadable('A part of the form has no name, or says it twice.')
    found.set(key, (match[2] ?? match[3] ?? '').replaceAll(/\\(["\\])/g, '$1'))
    at = match.index + match[0].length
    if (text.slice(at).trim() === '') break
  }
  return found
}

/** The pieces of a form from its first boundary to its last, with each value of these fields in place of what was there. */
export function spliceForm(form: Form, set: Readonly<Record<string, string>>): Buffer[] {
  const changes = Object.entries(set)
    .flatMap(([name, value]) => (form.spans.get(name) ?? []).map((span) => ({ ...span, value: Buffer.from(value) })))
    .toSorted((a, b) => a.start - b.start)
  const out: Buffer[] = []
  let from = form.begin
  for (const { start, end, value } of changes) {
    out.push(...slices(form.pieces, from, start), value)
    from = end
  }
  out.push(...slices(form.pieces, from, form.end))
  return out
}

/** The bytes between two places of all of them, without a copy. */
function* slices(pieces: readonly Buffer[], from: number, to: number): Generator<Buffer> {
  let at = 0
  for (const piece of pieces) {
    const [start, end] = [Math.max(0, from - at), Math.min(piece.length, to - at)]
    if (start < end) yield piece.subarray(start, end)
    at += piece.length
    if (at >= to) return
  }
}
