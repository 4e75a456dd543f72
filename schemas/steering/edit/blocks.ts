import { isCollection, isMap, isPair, isScalar, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

/** Where an entry of a collection stands: with the comments that are its own. All are offsets. */
export type Extent = {
  /** Its first sign: of the key, or the dash. */
  head: number
  /** The end of what it says, on its last line. */
  tail: number
  /** The beginning of its first comment line, or of its line; its head where it has no line of its own. */
  lead: number
  /** Behind the end of its last line, and of the comments that are indented deeper than it. */
  end: number
  column: number
  ownLine: boolean
}

export type Collection = YAMLMap | YAMLSeq
export type Entry = Pair | Node

export const valueOf = (entry: Entry): Node | null => (isPair(entry) ? (entry.value as Node | null) : entry)

/** The extents of all entries of a block collection; null where it is written in a way that is not known here. */
export function extents(text: string, collection: Collection): Extent[] | null {
  const found: Extent[] = []
  for (const [at, entry] of (collection.items as Entry[]).entries()) {
    const head = headOf(collection, entry, at)
    if (head === null) return null
    const tail = contentEnd(text, entry, head)
    const line = lineStart(text, head)
    const column = head - line
    const ownLine = text.slice(line, head).trim() === ''
    found.push({
      head,
      tail,
      column,
      ownLine,
      lead: ownLine ? leadOf(text, line, column) : head,
      end: endOf(text, tail, column),
    })
  }
  return found
}

type Token = { type: string; offset: number }
type Tokens = { items?: { start?: Token[]; key?: Token | null }[] }

const headOf = (collection: Collection, entry: Entry, at: number): number | null => {
  const token = (collection.srcToken as Tokens | undefined)?.items?.[at]
  if (isMap(collection)) {
    const explicit = token?.start?.some(({ type }) => type === 'explicit-key-ind')
    return explicit === true || !isPair(entry) ? null : ((entry.key as Node | null)?.range?.[0] ?? null)
  }
  return token?.start?.find(({ type }) => type === 'seq-item-ind')?.offset ?? null
}

/** The end of what a value says; what follows on its line is a comment. */
export function contentEnd(text: string, entry: Entry, head: number): number {
  const value = valueOf(entry)
  if (isPair(entry) && (value?.range == null || isMissing(value))) {
    const [, keyEnd = head] = (entry.key as Node | null)?.range ?? []
    return text.indexOf(':', keyEnd) + 1
  }
  if (value?.range == null || isMissing(value)) return head + 1
  if (isCollection(value) && value.flow !== true) {
    const last = value.items.at(-1) as Entry | undefined
    return last === undefined ? value.range[1] : contentEnd(text, last, lastHead(value, last) ?? head)
  }
  const [start, end] = value.range
  if (!isScalar(value) || value.type?.startsWith('BLOCK_') !== true) return end
  // blank lines behind a block are nobody's, unless its header keeps them
  const [header = ''] = text.slice(start).split('\n', 1)
  return header.includes('+') ? end : start + text.slice(start, end).trimEnd().length
}

const lastHead = (collection: Collection, last: Entry): number | null =>
  headOf(collection, last, collection.items.length - 1)

const isMissing = (value: Node): boolean => isScalar(value) && value.value === null && value.source === ''

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

/** Comment lines right above an entry, indented as it is, are its own. */
const leadOf = (text: string, line: number, column: number): number => {
  let lead = line
  while (lead > 0) {
    const above = lineStart(text, lead - 1)
    const said = text.slice(above, lead)
    if (!said.startsWith(`${' '.repeat(column)}#`)) return lead
    lead = above
  }
  return lead
}

/** Comment lines below an entry that are indented deeper are its own. */
const endOf = (text: string, tail: number, column: number): number => {
  const line = text.endsWith('\n', tail) ? tail : lineEnd(text, tail)
  let end = line
  for (let at = line; at < text.length;) {
    const next = lineEnd(text, at)
    const said = text.slice(at, next)
    const indent = said.search(/\S/)
    if (indent !== -1 && (said[indent] !== '#' || indent <= column)) break
    if (indent !== -1) end = next
    at = next
  }
  return end
}

/** Where blank lines right above a place begin. */
export const blanksAbove = (text: string, at: number): number => {
  let from = at
  while (from > 0) {
    const above = lineStart(text, from - 1)
    if (text.slice(above, from).trim() !== '') return from
    from = above
  }
  return from
}

export const blanksBelow = (text: string, at: number): number => {
  let to = at
  while (to < text.length) {
    const next = lineEnd(text, to)
    if (text.slice(to, next).trim() !== '') return to
    to = next
  }
  return to
}
