import type {
  CacheMark,
  DocumentPart,
  ImagePart,
  JsonMembers,
  Part,
  Source,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../dialogue.ts'
import { isObject, known, type Members, type Place, refuse } from '../members.ts'
import { sealOf } from '../seal.ts'
import { markOf } from '../source.ts'

export const takeMark = (members: Members): CacheMark | undefined => {
  const control = members.members('cache_control')
  return control && markOf(control.text('ttl'))
}

/** `content`: a text, or a list of blocks. An empty text is nothing. */
export const readContent = (content: Place): Part[] => {
  if (typeof content.value === 'string') return content.value === '' ? [] : [{ type: 'text', text: content.value }]
  return content.list.map((place) => readBlock(place.members))
}

export const readBlock = (block: Members): Part => {
  switch (block.need('type').text) {
    case 'text': {
      const text = block.need('text').text
      const cache = takeMark(block)
      return known({ type: 'text', text, cache, extra: block.rest('messages') })
    }
    case 'image':
      return readImage(block)
    case 'document':
      return readDocument(block)
    case 'thinking':
    case 'redacted_thinking':
      return readThinking(block)
    case 'tool_use':
      return readCall(block)
    case 'tool_result':
      return readResult(block)
    default:
      return { type: 'foreign', wire: 'messages', value: block.value }
  }
}

const readSource = (source: Members): Source => {
  const type = source.need('type').oneOf('base64', 'url', 'file')
  if (type === 'url') return { from: 'url', url: source.need('url').text }
  if (type === 'file') return { from: 'file', id: source.need('file_id').text }
  return { from: 'bytes', mime: source.need('media_type').text, base64: source.need('data').text }
}

const readImage = (block: Members): ImagePart => {
  const source = readSource(block.need('source').members)
  const cache = takeMark(block)
  return known({ type: 'image', source, cache, extra: block.rest('messages') })
}

const readDocument = (block: Members): DocumentPart | { type: 'foreign'; wire: 'messages'; value: JsonMembers } => {
  const told = block.need('source').members
  const type = told.need('type').text
  if (type === 'content') return { type: 'foreign', wire: 'messages', value: block.value }
  const source = type === 'text' ? ({ from: 'text', text: told.need('data').text } as const) : readSource(told)
  const cache = takeMark(block)
  return known({ type: 'document', source, name: block.text('title'), cache, extra: block.rest('messages') })
}

const readThinking = (block: Members): ThinkingPart => {
  const text = block.text('thinking')
  const { seal, id } = sealOf(block.text(text === undefined ? 'data' : 'signature') ?? '', 'messages')
  const hidden = text === undefined ? true : undefined
  return known({ type: 'thinking', text: text ?? '', seal, hidden, id, extra: block.rest('messages') })
}

const readCall = (block: Members): ToolCallPart => {
  const id = block.need('id').text
  const name = block.need('name').text
  const input = block.take('input')?.value ?? {}
  const cache = takeMark(block)
  // that a call was made by the model itself goes without saying
  const caller = block.value['caller']
  if (isObject(caller) && caller['type'] === 'direct') block.take('caller')
  return known({ type: 'tool_call', id, name, arguments: JSON.stringify(input), cache, extra: block.rest('messages') })
}

const readResult = (block: Members): ToolResultPart => {
  const content = block.take('content')
  const parts = content === undefined ? [] : readContent(content)
  for (const [index, { type }] of parts.entries())
    if (type !== 'text' && type !== 'image' && type !== 'document' && type !== 'foreign')
      refuse(`${block.at('content')}/${index}`, `must not be a ${type}.`)
  const call = block.need('tool_use_id').text
  const failed = block.flag('is_error') === true ? true : undefined
  const cache = takeMark(block)
  return known({
    type: 'tool_result',
    call,
    parts: parts as ToolResultPart['parts'],
    failed,
    cache,
    extra: block.rest('messages'),
  })
}
