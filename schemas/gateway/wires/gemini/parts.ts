import type {
  DocumentPart,
  ImagePart,
  AudioPart,
  JsonMembers,
  Part,
  Seal,
  Source,
  TextPart,
  ThinkingPart,
  ToolCallPart,
} from '../dialogue.ts'
import { known, type Members } from '../members.ts'
import { inputOf } from '../messages/write-block.ts'
import type { Unsayable } from '../unsaid.ts'

const sealOf = (part: Members): Seal | undefined => {
  const data = part.text('thoughtSignature')
  return data === undefined ? undefined : { wire: 'gemini', data }
}

/** `idOf` names a call that this wire has given no id. */
export const readPart = (part: Members, idOf: (name: string) => string): Part => {
  const seal = sealOf(part)
  const text = part.text('text')
  if (text !== undefined) {
    const thought = part.flag('thought') === true
    return known({ type: thought ? 'thinking' : 'text', text, seal, extra: part.rest('gemini') })
  }
  const call = part.members('functionCall')
  if (call !== undefined) {
    const name = call.need('name').text
    const id = call.text('id') ?? idOf(name)
    return known({ type: 'tool_call', id, name, arguments: JSON.stringify(call.take('args')?.object ?? {}), seal })
  }
  const source = readSource(part)
  if (source === undefined) {
    // a signature may come by itself, at the end of what was said
    if (seal !== undefined && part.rest('gemini') === undefined) return { type: 'text', text: '', seal }
    return { type: 'foreign', wire: 'gemini', value: part.value }
  }
  const kind = (source.from === 'bytes' ? source.mime : source.from === 'url' ? (source.mime ?? '') : '').split('/')[0]
  const type = kind === 'image' || kind === 'audio' ? kind : 'document'
  return known({ type, source, extra: part.rest('gemini') })
}

const readSource = (part: Members): Source | undefined => {
  const bytes = part.members('inlineData')
  if (bytes !== undefined) return { from: 'bytes', mime: bytes.need('mimeType').text, base64: bytes.need('data').text }
  const file = part.members('fileData')
  return file && known({ from: 'url', url: file.need('fileUri').text, mime: file.text('mimeType') })
}

const mimes: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
}
const mimeOf = (url: string): string | undefined => mimes[/\.([a-z]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? '']

const writeSource = (source: Source): JsonMembers => {
  if (source.from === 'bytes') return { inlineData: { mimeType: source.mime, data: source.base64 } }
  const fileUri = source.from === 'url' ? source.url : source.id
  const mimeType = (source.from === 'url' ? source.mime : undefined) ?? mimeOf(fileUri)
  return { fileData: known({ mimeType, fileUri }) }
}

export const writeSeal = (seal: Seal | undefined): JsonMembers =>
  seal?.wire === 'gemini' ? { thoughtSignature: seal.data } : {}

export const writeText = (part: TextPart | ThinkingPart): JsonMembers => ({
  text: part.text,
  ...(part.type === 'thinking' ? { thought: true } : {}),
  ...writeSeal(part.seal),
})

export const writeMedia = (part: ImagePart | DocumentPart | AudioPart, path: string, notes: Unsayable): JsonMembers => {
  if (part.cache) notes.passedOver(`${path}/cache`, 'gemini has no marks for its prompt cache; it caches by itself.')
  const extra = notes.extra(part.extra, path)
  if (part.type === 'document' && part.name !== undefined)
    notes.passedOver(`${path}/name`, 'gemini has no name for a document.')
  if (part.type === 'image' && part.detail !== undefined)
    notes.passedOver(`${path}/detail`, 'gemini is not told how closely to look.')
  return part.source.from === 'text' ? { text: part.source.text, ...extra } : { ...writeSource(part.source), ...extra }
}

export const writeCall = (part: ToolCallPart, id: boolean, path: string, notes: Unsayable): JsonMembers => {
  const args = inputOf(part.arguments)
  if (args === undefined)
    notes.nearly(`${path}/arguments`, 'gemini takes arguments as an object; these are told as a text in one.')
  const call = { name: part.name, args: args ?? { unreadable: part.arguments } }
  return { functionCall: id ? { id: part.id, ...call } : call, ...writeSeal(part.seal) }
}
