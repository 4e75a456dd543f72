import type {
  CacheMark,
  DocumentPart,
  JsonMembers,
  Part,
  Source,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../dialogue.ts'
import { isObject, known, orNone } from '../members.ts'
import { ttlOf } from '../source.ts'
import { fitId } from '../tool-id.ts'
import type { Unsayable } from '../unsaid.ts'
import type { MessagesQuirks } from './quirks.ts'

export const writeMark = (mark: CacheMark | undefined): JsonMembers =>
  mark === undefined ? {} : { cache_control: known({ type: 'ephemeral', ttl: ttlOf(mark, ['5m', '1h']) }) }

/** A part as a block; undefined, with a note, for what this wire cannot say, and for a text that says nothing. */
export const writeBlock = (
  part: Part,
  path: string,
  quirks: MessagesQuirks,
  notes: Unsayable,
): JsonMembers | undefined => {
  if (part.type === 'foreign') return notes.foreign(part, path)
  const more = () => ({ ...('cache' in part ? writeMark(part.cache) : {}), ...notes.extra(part.extra, path) })
  switch (part.type) {
    case 'text':
      if (part.text.trim() !== '') return { type: 'text', text: part.text, ...more() }
      return part.text === '' ? undefined : notes.passedOver(path, 'messages has no text of blanks alone.')
    case 'refusal':
      return { type: 'text', text: part.text, ...more() }
    case 'image':
      return { type: 'image', source: writeSource(part.source), ...more() }
    case 'document': {
      const source = documentSource(part)
      if (source === undefined) return notes.lost(path, 'messages takes documents as PDF or plain text only.')
      return { type: 'document', source, ...(part.name === undefined ? {} : { title: part.name }), ...more() }
    }
    case 'audio':
      return notes.lost(path, 'messages cannot hear.')
    case 'thinking': {
      const block = writeThought(part, path, notes)
      return block && { ...block, ...notes.extra(part.extra, path) }
    }
    case 'tool_call':
      return { ...writeCall(part, path, quirks, notes), ...more() }
    default:
      return { ...writeResult(part, path, quirks, notes), ...more() }
  }
}

const writeSource = (source: Source): JsonMembers => {
  if (source.from === 'url') return { type: 'url', url: source.url }
  if (source.from === 'file') return { type: 'file', file_id: source.id }
  return { type: 'base64', media_type: source.mime, data: source.base64 }
}

const documentSource = ({ source }: DocumentPart): JsonMembers | undefined => {
  if (source.from === 'text') return { type: 'text', media_type: 'text/plain', data: source.text }
  if (source.from !== 'bytes' || source.mime === 'application/pdf') return writeSource(source)
  if (!source.mime.startsWith('text/')) return undefined
  const bytes = Uint8Array.from(atob(source.base64), (one) => one.charCodeAt(0))
  return { type: 'text', media_type: 'text/plain', data: new TextDecoder().decode(bytes) }
}

/** Only a thought that this wire has signed may come back to it. */
const writeThought = (
  { text, seal, hidden }: ThinkingPart,
  path: string,
  notes: Unsayable,
): JsonMembers | undefined => {
  if (seal?.wire !== 'messages') return notes.passedOver(path, 'messages takes back only thoughts that it has signed.')
  return hidden
    ? { type: 'redacted_thinking', data: seal.data }
    : { type: 'thinking', thinking: text, signature: seal.data }
}

const writeCall = (call: ToolCallPart, path: string, quirks: MessagesQuirks, notes: Unsayable): JsonMembers => {
  const { id, name } = call
  const input = inputOf(call.arguments)
  if (input === undefined)
    notes.nearly(`${path}/arguments`, 'messages takes arguments as an object; these are told as a text in one.')
  return { type: 'tool_use', id: fitId(id, quirks.toolIds), name, input: input ?? { unreadable: call.arguments } }
}

/** Arguments as an object. None at all are an empty one. */
export const inputOf = (text: string): JsonMembers | undefined => {
  if (text.trim() === '') return {}
  try {
    const input: unknown = JSON.parse(text)
    return isObject(input) ? input : undefined
  } catch {
    return undefined
  }
}

const writeResult = (
  { call, parts, failed }: ToolResultPart,
  path: string,
  quirks: MessagesQuirks,
  notes: Unsayable,
): JsonMembers => {
  const blocks = parts.flatMap((part, index) => orNone(writeBlock(part, `${path}/parts/${index}`, quirks, notes)))
  const content = blocks.length === 0 ? undefined : plainText(blocks)
  return known({ type: 'tool_result', tool_use_id: fitId(call, quirks.toolIds), content, is_error: failed })
}

/** One block that is nothing but text is said as that text. */
export const plainText = (blocks: JsonMembers[]): string | JsonMembers[] => {
  const [only] = blocks
  const plain = blocks.length === 1 && only?.['type'] === 'text' && Object.keys(only).length === 2
  return plain ? String(only['text']) : blocks
}
