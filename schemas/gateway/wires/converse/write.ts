import type { CacheMark, Dialogue, JsonMembers, Part, Tool, ToolResultPart, Turn, Written } from '../dialogue.ts'
import { known, orNone } from '../members.ts'
import { quirksOfModel } from '../messages/quirks.ts'
import { writeThinking } from '../messages/thinking.ts'
import { inputOf } from '../messages/write-block.ts'
import { ttlOf } from '../source.ts'
import { fitId, type IdRule } from '../tool-id.ts'
import { Unsayable } from '../unsaid.ts'
import { documentFormat, imageFormat } from './blocks.ts'

const toolIds: IdRule = { longest: 64, letters: /^[a-zA-Z0-9_-]+$/ }

/** A provider's `converse` body, and what of the dialogue it cannot say. Model and stream go into the address. */
export const writeRequest = (dialogue: Dialogue): Written => {
  const notes = new Unsayable('converse')
  const { turns, format, metadata, tier } = dialogue
  const { additionalModelRequestFields: otherFields, ...extra } = notes.extra(dialogue.extra, '')
  const fields = { ...(otherFields as object), ...writeFields(dialogue, notes) }
  const lead = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const leading = lead === -1 ? turns.length : lead
  const system = turns.slice(0, leading).flatMap(({ parts }, index) => writeBlocks(parts, `/turns/${index}`, notes))
  const config = known({
    maxTokens: dialogue.maxTokens,
    ...writeSampling(dialogue, fields, notes),
    stopSequences: dialogue.stop,
  })
  const body = known({
    messages: writeTurns(turns, leading, notes),
    system: system.length === 0 ? undefined : system,
    inferenceConfig: Object.keys(config).length === 0 ? undefined : config,
    toolConfig: writeTools(dialogue, notes),
    outputConfig: format?.type === 'schema' ? { textFormat: writeFormat(format) } : undefined,
    additionalModelRequestFields: Object.keys(fields).length === 0 ? undefined : fields,
    requestMetadata: metadata,
    serviceTier: tier === undefined || tier === 'auto' ? undefined : { type: tier },
    ...extra,
  })
  noteRest(dialogue, notes)
  return { body, unsaid: notes.unsaid }
}

const noteRest = (dialogue: Dialogue, notes: Unsayable): void => {
  const { format, choices, logprobs, seed, presencePenalty, frequencyPenalty, parallelTools } = dialogue
  if (format?.type === 'json') notes.lost('/format', 'converse can be held to a JSON schema, not to JSON of any shape.')
  if (choices !== undefined && choices > 1) notes.lost('/choices', 'converse gives one answer.')
  if (logprobs !== undefined) notes.lost('/logprobs', 'converse does not tell how likely tokens were.')
  if (seed !== undefined) notes.lost('/seed', 'converse has no seed.')
  if (presencePenalty) notes.lost('/presencePenalty', 'converse has no penalty for what was said before.')
  if (frequencyPenalty) notes.lost('/frequencyPenalty', 'converse has no penalty for what was said often.')
  if (parallelTools === false) notes.lost('/parallelTools', 'converse may call several tools at once.')
  notes.none(dialogue, '', {
    verbosity: 'how wordy an answer is',
    user: 'a user',
    cacheKey: 'a key of the prompt cache',
  })
}

/** What only some models have stands apart: Claude's are told in Claude's own words. */
const writeFields = (dialogue: Dialogue, notes: Unsayable): JsonMembers => {
  const { model, thinking, topK } = dialogue
  if (!model.includes('claude')) {
    if (topK !== undefined) notes.lost('/topK', 'converse has no word for how many tokens are chosen among.')
    if (thinking !== undefined) notes.lost('/thinking', 'converse has no word for how much this model thinks.')
    return {}
  }
  const quirks = quirksOfModel(model)
  const said = writeThinking(dialogue, dialogue.maxTokens ?? quirks.mostTokens, quirks, notes)
  if (topK !== undefined && !quirks.sampling)
    notes.lost('/topK', 'This model draws its tokens in its own way; it takes no sampling.')
  return known({
    thinking: said.thinking,
    output_config: said.effort && { effort: said.effort },
    top_k: quirks.sampling ? topK : undefined,
  })
}

const writeSampling = ({ model, temperature, topP }: Dialogue, fields: JsonMembers, notes: Unsayable) => {
  const claude = model.includes('claude')
  const thinks = claude && (fields['thinking'] as { type?: string } | undefined)?.type === 'enabled'
  if (!claude || (quirksOfModel(model).sampling && !thinks)) return { temperature, topP }
  for (const [key, value] of Object.entries({ temperature, topP }))
    if (value !== undefined && value !== 1)
      notes.lost(`/${key}`, 'This model draws its tokens in its own way; it takes no sampling.')
  return {}
}

const writeFormat = ({ schema, name, description }: Extract<Dialogue['format'], { type: 'schema' }>): JsonMembers => ({
  type: 'json_schema',
  structure: { jsonSchema: known({ schema: JSON.stringify(schema), name, description }) },
})

const point = (mark: CacheMark | undefined): JsonMembers[] =>
  mark === undefined ? [] : [{ cachePoint: known({ type: 'default', ttl: ttlOf(mark, ['5m', '1h']) }) }]

/** A dialogue in which tools were called has to name tools, even if none may be called any more. */
const writeTools = ({ tools, toolChoice, turns }: Dialogue, notes: Unsayable): JsonMembers | undefined => {
  const said = tools?.flatMap((tool, index) => writeTool(tool, `/tools/${index}`, notes)) ?? []
  if (said.length === 0) {
    const called = turns.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'tool_call' ? [part.name] : [])))
    if (called.length === 0) return undefined
    notes.passedOver('/tools', 'converse has to be told of the tools that were called before.')
    return {
      tools: [...new Set(called)].map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } })),
    }
  }
  if (toolChoice === 'none') notes.lost('/toolChoice', 'converse cannot forbid its tools to be called.')
  const choice =
    typeof toolChoice === 'object'
      ? { tool: { name: toolChoice.name } }
      : toolChoice === 'required'
        ? { any: {} }
        : undefined
  return known({ tools: said, toolChoice: toolChoice === 'auto' ? { auto: {} } : choice })
}

const writeTool = (tool: Tool, path: string, notes: Unsayable): JsonMembers[] => {
  if (tool.type === 'foreign') return orNone(notes.foreign(tool, path))
  const { name, description, parameters = { type: 'object' }, strict, cache, extra } = tool
  const spec = known({ name, description, inputSchema: { json: parameters }, strict, ...notes.extra(extra, path) })
  return [{ toolSpec: spec }, ...point(cache)]
}

/** Roles take turns here: what stands side by side is one message. */
const writeTurns = (turns: readonly Turn[], from: number, notes: Unsayable): JsonMembers[] => {
  const messages: { role: 'user' | 'assistant'; content: JsonMembers[] }[] = []
  for (const [index, turn] of turns.entries()) {
    if (index < from) continue
    const path = `/turns/${index}`
    if (turn.role === 'system' || turn.role === 'developer')
      notes.nearly(path, 'converse takes instructions at the beginning only; these are said as the user.')
    notes.extra(turn.extra, path)
    const role = turn.role === 'assistant' ? 'assistant' : 'user'
    const content = writeBlocks(turn.parts, path, notes)
    const before = messages.at(-1)
    if (content.length === 0) continue
    if (before?.role === role) before.content.push(...content)
    else messages.push({ role, content })
  }
  return messages
}

const writeBlocks = (parts: readonly Part[], path: string, notes: Unsayable): JsonMembers[] =>
  parts.flatMap((part, index) => {
    const block = writeBlock(part, `${path}/parts/${index}`, notes)
    return block === undefined ? [] : [block, ...point('cache' in part ? part.cache : undefined)]
  })

const writeBlock = (part: Part, path: string, notes: Unsayable): JsonMembers | undefined => {
  if (part.type === 'foreign') return notes.foreign(part, path)
  notes.extra(part.extra, path)
  switch (part.type) {
    case 'text':
    case 'refusal':
      if (part.text.trim() !== '') return { text: part.text }
      return part.text === '' ? undefined : notes.passedOver(path, 'converse has no text of blanks alone.')
    case 'thinking':
      return writeThought(part, path, notes)
    case 'tool_call': {
      const input = inputOf(part.arguments)
      if (input === undefined)
        notes.nearly(`${path}/arguments`, 'converse takes arguments as an object; these are told as a text in one.')
      return {
        toolUse: {
          toolUseId: fitId(part.id, toolIds),
          name: part.name,
          input: input ?? { unreadable: part.arguments },
        },
      }
    }
    case 'tool_result':
      return writeResult(part, path, notes)
    case 'image': {
      const format = part.source.from === 'bytes' ? imageFormat(part.source.mime) : undefined
      if (part.source.from !== 'bytes' || format === undefined)
        return notes.lost(path, 'converse takes images as bytes of PNG, JPEG, GIF or WebP only.')
      if (part.detail !== undefined) notes.passedOver(`${path}/detail`, 'converse is not told how closely to look.')
      return { image: { format, source: { bytes: part.source.base64 } } }
    }
    case 'document':
      return writeDocument(part, path, notes)
    default:
      return notes.lost(path, 'converse cannot hear.')
  }
}

const writeThought = (
  part: Extract<Part, { type: 'thinking' }>,
  path: string,
  notes: Unsayable,
): JsonMembers | undefined => {
  const { seal, hidden, text } = part
  if (hidden && seal?.wire === 'converse') return { reasoningContent: { redactedContent: seal.data } }
  if (!hidden && seal?.wire === 'messages')
    return { reasoningContent: { reasoningText: { text, signature: seal.data } } }
  return notes.passedOver(path, 'converse takes back only thoughts that it has signed.')
}

const writeDocument = (
  { source, name }: Extract<Part, { type: 'document' }>,
  path: string,
  notes: Unsayable,
): JsonMembers | undefined => {
  const plain = source.from === 'text' ? new TextEncoder().encode(source.text) : undefined
  const format = plain ? 'txt' : source.from === 'bytes' ? documentFormat(source.mime) : undefined
  if (format === undefined)
    return notes.lost(path, 'converse takes documents as bytes of the formats that it knows only.')
  const bytes = plain ? btoa(String.fromCharCode(...plain)) : source.from === 'bytes' ? source.base64 : ''
  // its names are of few letters
  const fit = (name ?? 'document')
    .replace(/\.[a-z]+$/i, '')
    .replaceAll(/[^a-zA-Z0-9()[\] -]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()
  return { document: { format, name: fit === '' ? 'document' : fit, source: { bytes } } }
}

const writeResult = ({ call, parts, failed }: ToolResultPart, path: string, notes: Unsayable): JsonMembers => {
  const content = parts.flatMap((part, index) => {
    const at = `${path}/parts/${index}`
    if ('cache' in part && part.cache) notes.passedOver(`${at}/cache`, 'converse marks whole results for its cache.')
    return orNone(writeBlock(part, at, notes))
  })
  return { toolResult: known({ toolUseId: fitId(call, toolIds), content, status: failed ? 'error' : undefined }) }
}
