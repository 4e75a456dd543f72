import type { AudioPart, CacheMark, DocumentPart, ImagePart, Part, TextPart } from '../dialogue.ts'
import { known, type Members, type Place, refuse } from '../members.ts'
import { markOf, sourceOfUrl, ttlOf, urlOfBytes } from '../source.ts'
import type { Unsayable } from '../unsaid.ts'

const soundOf: Record<string, string> = { wav: 'audio/wav', mp3: 'audio/mpeg' }
const formatOf: Record<string, string> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

/** OpenAI's own mark, or Anthropic's, which many clients put on this wire too. */
export const takeMark = (members: Members): CacheMark | undefined => {
  const ttl = (members.members('prompt_cache_breakpoint') ?? members.members('cache_control'))?.text('ttl')
  return members.value['prompt_cache_breakpoint'] == null && members.value['cache_control'] == null
    ? undefined
    : markOf(ttl)
}

/** `content` of a message: a text, or a list of parts. */
export const readContent = (content: Place): Part[] =>
  typeof content.value === 'string'
    ? [{ type: 'text', text: content.value }]
    : content.list.map(({ members }) => readPart(members))

const readPart = (part: Members): Part => {
  const type = part.need('type').text
  const cache = takeMark(part)
  switch (type) {
    case 'text':
    case 'refusal': {
      const text = part.need(type).text
      return known({ type, text, cache, extra: part.rest('chat') })
    }
    case 'image_url': {
      const given = part.need('image_url')
      // some clients write the address itself
      const url = typeof given.value === 'string' ? given.value : given.members.need('url').text
      const detail =
        typeof given.value === 'string'
          ? undefined
          : given.members.take('detail')?.oneOf('auto', 'low', 'high', 'original')
      return known({ type: 'image', source: sourceOfUrl(url), detail, cache, extra: part.rest('chat') })
    }
    case 'input_audio': {
      const audio = part.need('input_audio').members
      const format = audio.need('format').text
      const mime = soundOf[format] ?? `audio/${format}`
      const source = { from: 'bytes', mime, base64: audio.need('data').text } as const
      return known({ type: 'audio', source, cache, extra: part.rest('chat') })
    }
    case 'file': {
      const file = part.need('file').members
      const [id, data, name] = [file.text('file_id'), file.text('file_data'), file.text('filename')]
      if (id === undefined && data === undefined) return refuse(file.at('file_data'), 'is missing.')
      const bytes = sourceOfUrl(data ?? '')
      const source =
        id !== undefined
          ? ({ from: 'file', id } as const)
          : bytes.from === 'bytes'
            ? bytes
            : ({ from: 'bytes', mime: 'application/pdf', base64: data ?? '' } as const)
      return known({ type: 'document', source, name, cache, extra: part.rest('chat') })
    }
    case 'thinking': {
      // Mistral gives thoughts as a part of the content
      const said = part.need('thinking')
      const text =
        typeof said.value === 'string' ? said.value : said.list.map((one) => one.members.text('text') ?? '').join('')
      return { type: 'thinking', text }
    }
    default:
      return { type: 'foreign', wire: 'chat', value: part.value }
  }
}

const writeMark = (mark: CacheMark | undefined, takes: boolean, path: string, notes: Unsayable) => {
  if (mark === undefined) return {}
  if (!takes) {
    notes.passedOver(`${path}/cache`, 'This provider takes no marks for its prompt cache.')
    return {}
  }
  return { prompt_cache_breakpoint: known({ mode: 'explicit', ttl: ttlOf(mark, ['30m', '12h']) }) }
}

const readName: Record<string, string> = { 'application/pdf': 'document.pdf', 'text/plain': 'document.txt' }

/** A part of a user's message; undefined, with a note, for what this wire cannot say. */
export const writePart = (
  part: TextPart | ImagePart | DocumentPart | AudioPart,
  { cacheMarks }: { cacheMarks: boolean },
  path: string,
  notes: Unsayable,
): object | undefined => {
  const more = () => ({ ...writeMark(part.cache, cacheMarks, path, notes), ...notes.extra(part.extra, path) })
  const { type } = part
  if (type === 'text') return { type, text: part.text, ...more() }
  const { source } = part
  if (source.from === 'text') {
    notes.passedOver(path, 'A document of plain text is said as a text.')
    return { type: 'text', text: source.text, ...more() }
  }
  if (type === 'image') {
    if (source.from === 'file') return notes.lost(path, 'chat cannot show an image that is a file of the provider.')
    const url = source.from === 'url' ? source.url : urlOfBytes(source)
    return { type: 'image_url', image_url: known({ url, detail: part.detail }), ...more() }
  }
  if (type === 'audio') {
    const format = source.from === 'bytes' ? formatOf[source.mime] : undefined
    if (source.from !== 'bytes' || format === undefined)
      return notes.lost(path, 'chat takes sounds as bytes of wav or mp3 only.')
    return { type: 'input_audio', input_audio: { data: source.base64, format }, ...more() }
  }
  if (source.from === 'url') return notes.lost(path, 'chat cannot take a document by its address.')
  const file =
    source.from === 'file'
      ? known({ file_id: source.id, filename: part.name })
      : { filename: part.name ?? readName[source.mime] ?? 'document', file_data: urlOfBytes(source) }
  return { type: 'file', file, ...more() }
}
