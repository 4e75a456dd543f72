import { isMap, isScalar, isSeq, parseDocument, visit, type Document, type Node, type Pair } from 'yaml'
import { prototypeKeys } from '../automation/pointer.ts'
import { mostBytes, mostLines } from './document.ts'
import type { Place, ProblemCode, Span } from './problem.ts'

/** What is wrong with a text, in offsets. */
export type Flaw = { code: ProblemCode; message: string; start: number; end: number }

/** A text that was read as YAML: its nodes, and what keeps it from meaning anything. */
export type Source = { text: string; yaml: Document; flaws: Flaw[] }

const mostFlaws = 50

/** Reads a text of any length, in time in proportion to what a document may have. */
export function readSource(text: string, keepSourceTokens = false): Source {
  const large = tooLarge(text)
  if (large !== null) return unread({ code: 'too_large', message: large, start: 0, end: 0 })
  try {
    // keys are told apart below: the parser compares each with each
    const yaml: Document = parseDocument(text, {
      uniqueKeys: false,
      prettyErrors: false,
      stringKeys: true,
      keepSourceTokens,
    })
    const flaws = yaml.errors.slice(0, mostFlaws).map(({ code, message, pos: [start, end] }): Flaw => ({
      code: 'yaml',
      message: sentences[code] ?? `${message.replace(/[.:]?$/, '')}.`,
      start: Math.min(start, text.length),
      end: Math.min(Math.max(end, start + 1), text.length),
    }))
    return { text, yaml, flaws: flaws.length > 0 ? flaws : oddities(yaml).slice(0, mostFlaws) }
  } catch {
    return unread({ code: 'yaml', message: 'This cannot be read as YAML.', start: 0, end: text.length })
  }
}

const unread = (flaw: Flaw): Source => ({ text: '', yaml: parseDocument(''), flaws: [flaw] })

const tooLarge = (text: string): string | null => {
  if (text.length > mostBytes || new TextEncoder().encode(text).byteLength > mostBytes)
    return `It is larger than ${mostBytes} bytes.`
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  return lines > mostLines ? `It has ${lines} lines; ${mostLines} are the most.` : null
}

const sentences: Record<string, string> = {
  BAD_INDENT: 'This is not indented as what is around it.',
  BAD_SCALAR_START: 'A text cannot begin with this sign unless it is in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'There is one “: ” too many in this line; put the text in quotes.',
  BLOCK_IN_FLOW: 'Within brackets everything is written in brackets.',
  MISSING_CHAR: 'Something is missing here: a quote, a bracket, a comma or a colon.',
  MULTIPLE_DOCS: 'A file holds one document; “---” begins another one.',
  TAB_AS_INDENT: 'Lines are indented by spaces, not by tabs.',
  UNEXPECTED_TOKEN: 'This cannot stand here; texts with signs in them are put in quotes.',
  BAD_DQ_ESCAPE: 'This is no escape sequence; use single quotes where “\\” is meant as it stands.',
  NON_STRING_KEY: 'A key is a plain text.',
}

/** What YAML can do and rules do not need: references to other places, types, one key twice. */
const oddities = (yaml: Document): Flaw[] => {
  const found: Flaw[] = []
  const say = (code: ProblemCode, message: string, node: Node | null) => {
    const [start = 0, end = 0] = node?.range ?? []
    found.push({ code, message, start, end })
  }
  visit(yaml, {
    Alias: (_key, node) => say('anchor', 'Rules refer to nothing in the document: write it out.', node),
    Node: (_key, node) => {
      const { tag, anchor } = node as { tag?: string; anchor?: string }
      if (anchor !== undefined) say('anchor', 'Rules have no anchors: write it out where it is needed.', node)
      if (tag !== undefined)
        say('tag', 'A text that begins with “!” is put in quotes: in YAML it is the name of a type.', node)
    },
    Map: (_key, map) => {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : ''
        if (seen.has(name)) say('duplicate_key', `“${name}” stands here twice.`, key as Node)
        if (prototypeKeys.has(name)) say('unknown_key', `“${name}” is not known here.`, key as Node)
        seen.add(name)
      }
    },
  })
  return found
}

/** What a text means, without checks: plain data. */
export const plainValue = ({ yaml }: Source): unknown => {
  try {
    return yaml.toJS({ maxAliasCount: 0 }) as unknown
  } catch {
    return null
  }
}

/** The pair or the item at a path, where there is one. */
export function nodeAt({ yaml }: Source, path: readonly (string | number)[]): { key: Node | null; value: Node | null } {
  let [key, value]: [Node | null, Node | null] = [null, yaml.contents]
  for (const part of path) {
    const pair: Pair | undefined = isMap(value)
      ? value.items.find((one) => isScalar(one.key) && String(one.key.value) === String(part))
      : undefined
    const item = isSeq(value) ? value.items[Number(part)] : undefined
    if (pair === undefined && item === undefined) return { key: null, value: null }
    ;[key, value] = pair === undefined ? [null, item as Node] : [pair.key as Node, pair.value as Node | null]
  }
  return { key, value }
}

/** The offsets of what stands at a path: of its value, else its key, else of what is nearest around it. */
export function rangeOf(
  source: Source,
  path: readonly (string | number)[],
  of: 'key' | 'value' = 'value',
): [number, number] {
  const { key, value } = nodeAt(source, path)
  const node = of === 'key' ? (key ?? value) : (value ?? key)
  if (node?.range != null) return [node.range[0], Math.max(node.range[1], node.range[0])]
  if (path.length === 0) return [0, 0]
  const [start, end] = rangeOf(source, path.slice(0, -1), 'key')
  return [start, Math.min(end, lineEnd(source.text, start))]
}

const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return at === -1 ? text.length : at
}

/** Offsets as places; made once for a text, because every place is looked up in the list of its lines. */
export function placer(text: string): (start: number, end: number) => Span {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const place = (offset: number): Place => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1, offset }
  }
  return (start, end) => ({ start: place(start), end: place(Math.max(start, end)) })
}
