import { elementsOf, scan, spanOf, valueAt, type Scan, type Span } from '#schemas/gateway/wires/splice.ts'

/** Where things are said in a body. */
export type Told = { tools: Span | undefined; system: Span | undefined; messages: readonly Span[] }
/** A text that is put into a body before the byte `at`. */
type Insertion = { at: number; text: string }

const mark = '"cache_control":{"type":"ephemeral"}'
/** What a mark may stand on (Claude API, "Prompt caching"): on no thought, and on nothing that is not known to take one. */
const markable = new Set(['text', 'image', 'document', 'search_result', 'tool_use', 'tool_result'])

/** How wires write marks that keep a prompt: on the last block, or as a block after it. */
export const markWays = {
  messages: { word: Buffer.from('cache_control'), mark: onBlock },
  converse: { word: Buffer.from('cachePoint'), mark: afterBlocks },
} as const
export type MarkedWire = keyof typeof markWays

/** Null where it has no messages. */
export function saidIn(body: Uint8Array, scanned: Scan): Told | null {
  const at = spanOf(scanned, 'messages')
  const messages = at === undefined ? [] : [...elementsOf(body, at)]
  if (messages.length === 0) return null
  const tools = spanOf(scanned, 'tools') ?? spanOf(scanned, 'toolConfig')
  return { tools, system: spanOf(scanned, 'system'), messages }
}

/** The body with marks after so many messages, where 1 is what stands before them all; null where nothing takes one. */
export function withMarks(
  body: Uint8Array,
  { tools, system, messages }: Told,
  places: readonly number[],
  wire: MarkedWire,
): Uint8Array | null {
  const marked = (span: Span | undefined) => (span === undefined ? [] : markWays[wire].mark(body, span))
  const insertions = places.flatMap((place) => {
    const message = messages[place - 2]
    if (message !== undefined) return marked(contentOf(body, message))
    // tools stand before the system's words: a mark there keeps both
    return system === undefined && wire === 'messages' ? onTool(body, tools) : marked(system)
  })
  if (insertions.length === 0) return null
  const pieces: Uint8Array[] = []
  let from = 0
  for (const { at, text } of insertions.toSorted((a, b) => a.at - b.at)) {
    pieces.push(body.subarray(from, at), Buffer.from(text))
    from = at
  }
  return Buffer.concat([...pieces, body.subarray(from)])
}

const contentOf = (body: Uint8Array, { start, end }: Span): Span | undefined => {
  const message = body.subarray(start, end)
  const scanned = scan(message)
  const span = scanned === undefined ? undefined : spanOf(scanned, 'content')
  return span === undefined ? undefined : { start: start + span.start, end: start + span.end }
}

/** On the last block that takes one. A text that stands for itself becomes a block. */
function onBlock(body: Uint8Array, content: Span): Insertion[] {
  if (body[content.start] === 34) {
    if (isBlank(JSON.parse(textOf(body, content)))) return []
    return [
      { at: content.start, text: '[{"type":"text","text":' },
      { at: content.end, text: `,${mark}}]` },
    ]
  }
  const block = [...elementsOf(body, content)].findLast((span) => takesMark(body, span))
  return block === undefined ? [] : [{ at: block.start + 1, text: `${mark},` }]
}

const takesMark = (body: Uint8Array, { start, end }: Span): boolean => {
  const block = body.subarray(start, end)
  const scanned = scan(block)
  if (scanned === undefined) return false
  const type = valueAt(block, scanned, 'type')
  return (
    typeof type === 'string' && markable.has(type) && !(type === 'text' && isBlank(valueAt(block, scanned, 'text')))
  )
}

/** A tool that is told of only when it is searched for takes no mark. */
const onTool = (body: Uint8Array, tools: Span | undefined): Insertion[] => {
  const all = tools === undefined ? [] : [...elementsOf(body, tools)]
  const last = all.findLast((span) => {
    const tool = body.subarray(span.start, span.end)
    const scanned = scan(tool)
    return scanned !== undefined && scanned.members.length > 0 && valueAt(tool, scanned, 'defer_loading') !== true
  })
  return last === undefined ? [] : [{ at: last.start + 1, text: `${mark},` }]
}

/** As a block of its own, at the end. */
function afterBlocks(body: Uint8Array, content: Span): Insertion[] {
  if ([...elementsOf(body, content)].length === 0) return []
  return [{ at: content.end - 1, text: ',{"cachePoint":{"type":"default"}}' }]
}

const isBlank = (text: unknown): boolean => typeof text !== 'string' || text.trim() === ''
const textOf = (body: Uint8Array, { start, end }: Span): string => Buffer.from(body.subarray(start, end)).toString()
