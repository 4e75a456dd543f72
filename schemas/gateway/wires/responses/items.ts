import type {
  DocumentPart,
  ForeignPart,
  ImagePart,
  Part,
  RefusalPart,
  Role,
  TextPart,
  ThinkingPart,
  ToolResultPart,
  Turn,
} from '../dialogue.ts'
import { takeMark } from '../chat/parts.ts'
import { known, type Members, type Place, refuse } from '../members.ts'
import { sealOf } from '../seal.ts'
import { sourceOfUrl } from '../source.ts'

/** `input`: a text of the user, or items, which are put together to turns. */
export const readInput = (input: Place): Turn[] => {
  if (typeof input.value === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input.value }] }]
  const turns: Turn[] = []
  for (const place of input.list) {
    const { role, parts } = readItem(place.members)
    const before = turns.at(-1)
    // what the model put out in one go comes as many items
    if (before !== undefined && before.role === role && (role === 'assistant' || role === 'tool'))
      before.parts.push(...parts)
    else turns.push({ role, parts })
  }
  return turns
}

export const readItem = (item: Members): { role: Role; parts: Part[] } => {
  const type = item.text('type') ?? 'message'
  if (type === 'message') {
    const role = item.need('role').oneOf('user', 'assistant', 'system', 'developer')
    return { role, parts: readContent(item.need('content'), item) }
  }
  if (type === 'function_call') return { role: 'assistant', parts: [readCall(item)] }
  if (type === 'function_call_output') return { role: 'tool', parts: [readOutput(item)] }
  if (type === 'reasoning') return { role: 'assistant', parts: readReasoning(item) }
  return { role: 'assistant', parts: [{ type: 'foreign', wire: 'responses', value: item.value }] }
}

/** Which part of its work an answer belongs to is told with each text. */
const phaseOf = (item: Members): Pick<TextPart, 'extra'> => {
  const phase = item.text('phase')
  return phase === undefined ? {} : { extra: { wire: 'responses', members: { phase } } }
}

const readContent = (content: Place, item: Members): Part[] => {
  const phase = phaseOf(item)
  if (typeof content.value === 'string') return [{ type: 'text', text: content.value, ...phase }]
  return content.list.map((place) => {
    const part = readContentPart(place.members)
    return part.type === 'text' && part.extra === undefined ? { ...part, ...phase } : part
  })
}

const readContentPart = (part: Members): TextPart | RefusalPart | ImagePart | DocumentPart | ForeignPart => {
  const type = part.need('type').text
  const cache = takeMark(part)
  switch (type) {
    case 'input_text':
    case 'output_text': {
      for (const empty of ['annotations', 'logprobs'])
        if (Array.isArray(part.value[empty]) && part.value[empty].length === 0) part.take(empty)
      return known({ type: 'text', text: part.need('text').text, cache, extra: part.rest('responses') })
    }
    case 'refusal':
      return { type: 'refusal', text: part.need('refusal').text }
    case 'input_image': {
      const id = part.text('file_id')
      const source = id === undefined ? sourceOfUrl(part.need('image_url').text) : ({ from: 'file', id } as const)
      const detail = part.take('detail')?.oneOf('auto', 'low', 'high', 'original')
      return known({ type: 'image', source, detail, cache, extra: part.rest('responses') })
    }
    case 'input_file':
      return known({ ...readFile(part), cache, extra: part.rest('responses') })
    default:
      return { type: 'foreign', wire: 'responses', value: part.value }
  }
}

const readFile = (part: Members): DocumentPart => {
  const [id, url, data, name] = ['file_id', 'file_url', 'file_data', 'filename'].map((key) => part.text(key))
  const bytes = sourceOfUrl(data ?? '')
  const source =
    id !== undefined
      ? ({ from: 'file', id } as const)
      : url !== undefined
        ? ({ from: 'url', url } as const)
        : bytes.from === 'bytes'
          ? bytes
          : ({
              from: 'bytes',
              mime: 'application/pdf',
              base64: data ?? refuse(part.at('file_data'), 'is missing.'),
            } as const)
  return known({ type: 'document', source, name })
}

export const readCall = (item: Members): Part => ({
  type: 'tool_call',
  id: item.need('call_id').text,
  name: item.need('name').text,
  arguments: item.text('arguments') ?? '',
})

const readOutput = (item: Members): ToolResultPart => {
  const output = item.need('output')
  const parts = (
    typeof output.value === 'string'
      ? [{ type: 'text', text: output.value }]
      : output.list.map((place) => readContentPart(place.members))
  ) as ToolResultPart['parts']
  return { type: 'tool_result', call: item.need('call_id').text, parts }
}

/** One thought is several parts by one id: its summaries, then its text; the last carries what seals them. */
export const readReasoning = (item: Members): ThinkingPart[] => {
  const id = item.text('id')
  const told = sealOf(item.text('encrypted_content') ?? '', 'responses')
  const say = (place: Place, summary: boolean): ThinkingPart =>
    known({ type: 'thinking', text: place.members.need('text').text, summary: summary ? true : undefined, id })
  const parts = [
    ...(item.list('summary') ?? []).map((place) => say(place, true)),
    ...(item.list('content') ?? []).map((place) => say(place, false)),
  ]
  const last = parts.at(-1)
  if (last === undefined)
    return [known({ type: 'thinking', text: '', hidden: told.seal && true, ...told, id: told.id ?? id })]
  Object.assign(last, told)
  return parts
}
