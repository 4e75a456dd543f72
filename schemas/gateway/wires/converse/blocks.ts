import type { DocumentPart, ImagePart, Part, ThinkingPart, ToolResultPart } from '../dialogue.ts'
import { isObject, known, type Members, type Place } from '../members.ts'
import { markOf } from '../source.ts'

const imageMimes: Record<string, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}
const documentMimes: Record<string, string> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}
const formatIn = (mimes: Record<string, string>, mime: string): string | undefined =>
  Object.keys(mimes).find((format) => mimes[format] === mime)
export const imageFormat = (mime: string): string | undefined =>
  formatIn(imageMimes, mime === 'image/jpg' ? 'image/jpeg' : mime)
export const documentFormat = (mime: string): string | undefined => formatIn(documentMimes, mime)

/** A cache point marks what stands before it. */
export const readBlocks = (blocks: readonly Place[]): Part[] => {
  const parts: Part[] = []
  for (const place of blocks) {
    const block = place.members
    const last = parts.at(-1)
    if (isObject(block.value['cachePoint']) && last !== undefined && last.type !== 'foreign')
      Object.assign(last, { cache: markOf(block.need('cachePoint').members.text('ttl')) })
    else parts.push(readBlock(block))
  }
  return parts
}

export const readBlock = (block: Members): Part => {
  const text = block.text('text')
  if (text !== undefined) return { type: 'text', text }
  const { value } = block
  if (isObject(value['toolUse'])) {
    const call = block.need('toolUse').members
    const input = call.take('input')?.value ?? {}
    return {
      type: 'tool_call',
      id: call.need('toolUseId').text,
      name: call.need('name').text,
      arguments: JSON.stringify(input),
    }
  }
  if (isObject(value['toolResult'])) return readResult(block.need('toolResult').members)
  if (isObject(value['reasoningContent'])) return readThinking(block.need('reasoningContent').members)
  return (
    (isObject(value['image']) && readImage(block.need('image').members)) ||
    (isObject(value['document']) && readDocument(block.need('document').members)) || {
      type: 'foreign',
      wire: 'converse',
      value,
    }
  )
}

const readThinking = (thought: Members): ThinkingPart => {
  const hidden = thought.text('redactedContent')
  if (hidden !== undefined)
    return { type: 'thinking', text: '', hidden: true, seal: { wire: 'converse', data: hidden } }
  const told = thought.need('reasoningText').members
  const signature = told.text('signature')
  // what Claude signs here it knows at Anthropic too
  const seal = signature === undefined ? undefined : ({ wire: 'messages', data: signature } as const)
  return known({ type: 'thinking', text: told.need('text').text, seal })
}

const bytesOf = (media: Members): string | undefined => media.members('source')?.text('bytes')

const readImage = (image: Members): ImagePart | undefined => {
  const base64 = bytesOf(image)
  const format = image.need('format').text
  return base64 === undefined
    ? undefined
    : { type: 'image', source: { from: 'bytes', mime: imageMimes[format] ?? `image/${format}`, base64 } }
}

const readDocument = (document: Members): DocumentPart | undefined => {
  const base64 = bytesOf(document)
  const name = document.text('name')
  const mime = documentMimes[document.text('format') ?? 'txt'] ?? 'application/octet-stream'
  if (base64 === undefined || document.rest('converse') !== undefined) return undefined
  return known({ type: 'document', source: { from: 'bytes', mime, base64 }, name })
}

const readResult = (result: Members): ToolResultPart => {
  const parts = (result.list('content') ?? []).map((place) => {
    const { json } = place.members.value as { json?: unknown }
    return json === undefined ? readBlock(place.members) : ({ type: 'text', text: JSON.stringify(json) } as const)
  })
  const failed = result.text('status') === 'error' ? true : undefined
  const call = result.need('toolUseId').text
  return known({ type: 'tool_result', call, parts: parts as ToolResultPart['parts'], failed }) as ToolResultPart
}
