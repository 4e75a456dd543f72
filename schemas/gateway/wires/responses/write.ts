import { urlOfBytes } from '../source.ts'
import type {
  Dialogue,
  DocumentPart,
  ImagePart,
  JsonMembers,
  Part,
  TextPart,
  Tool,
  ToolResultPart,
  Turn,
  Written,
} from '../dialogue.ts'
import { isObject, known, orNone } from '../members.ts'
import { ttlOf } from '../source.ts'
import { fitId, type IdRule } from '../tool-id.ts'
import { Unsayable } from '../unsaid.ts'
import { itemsOf, reasoningItem } from './output.ts'

export type ResponsesQuirks = {
  /** The provider keeps nothing, and its thoughts come encrypted instead: for clients that bring the whole dialogue along. */
  stateless: boolean
}

const toolIds: IdRule = { longest: 64, letters: /^/ }

/** A provider's `responses` body, and what of the dialogue it cannot say. */
export const writeRequest = (dialogue: Dialogue, quirks?: ResponsesQuirks): Written => {
  const notes = new Unsayable('responses')
  const { turns, thinking, format, toolChoice, verbosity } = dialogue
  const { text: otherText, reasoning: otherReasoning, ...extra } = notes.extra(dialogue.extra, '')
  const stateless = quirks?.stateless ?? dialogue.extra?.wire !== 'responses'
  const [first, ...rest] = turns
  const instructions = first?.role === 'system' ? plainOf(first) : undefined
  const from = instructions === undefined ? 0 : 1
  const text = known({ ...(otherText as object), format: format && writeFormat(format), verbosity })
  const reasoning = { ...(otherReasoning as object), ...(thinking && writeThinking(thinking, notes)) }
  const said = from === 0 ? turns : rest
  const input = said.flatMap((turn, index) => writeTurn(turn, `/turns/${index + from}`, notes))
  const body = known({
    model: dialogue.model,
    instructions,
    input,
    tools: dialogue.tools?.flatMap((tool, index) => orNone(writeTool(tool, `/tools/${index}`, notes))),
    tool_choice: typeof toolChoice === 'object' ? { type: 'function', name: toolChoice.name } : toolChoice,
    parallel_tool_calls: dialogue.parallelTools,
    text: Object.keys(text).length === 0 ? undefined : text,
    reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
    max_output_tokens: dialogue.maxTokens,
    temperature: dialogue.temperature,
    top_p: dialogue.topP,
    stream: dialogue.stream,
    user: dialogue.user,
    metadata: dialogue.metadata,
    service_tier: dialogue.tier,
    prompt_cache_key: dialogue.cacheKey,
    store: stateless ? false : undefined,
    include: stateless ? ['reasoning.encrypted_content'] : undefined,
    ...extra,
  })
  noteRest(dialogue, notes)
  return { body, unsaid: notes.unsaid }
}

const noteRest = (
  { stop, seed, topK, choices, logprobs, presencePenalty, frequencyPenalty }: Dialogue,
  notes: Unsayable,
): void => {
  if (stop !== undefined && stop.length > 0) notes.lost('/stop', 'responses cannot be stopped by a sequence.')
  if (seed !== undefined) notes.lost('/seed', 'responses has no seed.')
  if (topK !== undefined) notes.lost('/topK', 'responses has no word for how many tokens are chosen among.')
  if (choices !== undefined && choices > 1) notes.lost('/choices', 'responses gives one answer.')
  if (logprobs !== undefined) notes.lost('/logprobs', 'responses is not asked how likely tokens were.')
  if (presencePenalty) notes.lost('/presencePenalty', 'responses has no penalty for what was said before.')
  if (frequencyPenalty) notes.lost('/frequencyPenalty', 'responses has no penalty for what was said often.')
}

const plainOf = ({ parts, extra }: Turn): string | undefined => {
  const [only, ...others] = parts
  const plain = only?.type === 'text' && others.length === 0 && !extra && !only.extra && !only.cache
  return plain ? only.text : undefined
}

const writeFormat = (format: NonNullable<Dialogue['format']>): JsonMembers => {
  if (format.type === 'json') return { type: 'json_object' }
  const { name = 'answer', description, schema, strict } = format
  return known({ type: 'json_schema', name, description, schema, strict })
}

const writeThinking = (
  { mode, effort, budget, show }: NonNullable<Dialogue['thinking']>,
  notes: Unsayable,
): JsonMembers => {
  const near = budget === undefined ? undefined : budget <= 2048 ? 'low' : budget <= 12_288 ? 'medium' : 'high'
  if (near !== undefined && effort === undefined)
    notes.nearly(
      '/thinking/budget',
      `responses cannot say how many tokens to think for; it asks for the effort “${near}”.`,
    )
  // who reads thoughts on another wire wants to see something of them here
  const summary = show === 'summarized' || (mode === 'on' && show === undefined) ? 'auto' : undefined
  return known({ effort: mode === 'off' ? 'none' : (effort ?? near), summary })
}

const writeTool = (tool: Tool, path: string, notes: Unsayable): JsonMembers | undefined => {
  if (tool.type === 'foreign') return notes.foreign(tool, path)
  const { name, description, parameters, strict = false, cache, extra } = tool
  if (cache) notes.passedOver(`${path}/cache`, 'responses has no mark for the prompt cache on a tool.')
  return known({
    type: 'function',
    name,
    description,
    parameters: parameters ?? null,
    strict,
    ...notes.extra(extra, path),
  })
}

const writeTurn = (turn: Turn, path: string, notes: Unsayable): JsonMembers[] => {
  notes.extra(turn.extra, path)
  if (turn.role === 'assistant') return writeAnswer(turn.parts, path, notes)
  if (turn.role === 'tool')
    return turn.parts.map((part, index) => writeResult(part as ToolResultPart, `${path}/parts/${index}`, notes))
  const plain = plainOf({ role: turn.role, parts: turn.parts })
  if (plain !== undefined) return [{ role: turn.role, content: plain }]
  const content = turn.parts.flatMap((part, index) => orNone(writeInput(part, `${path}/parts/${index}`, notes)))
  return [{ role: turn.role, content }]
}

const writeMark = (part: TextPart | ImagePart | DocumentPart): JsonMembers =>
  part.cache === undefined
    ? {}
    : { prompt_cache_breakpoint: known({ mode: 'explicit', ttl: ttlOf(part.cache, ['30m', '12h']) }) }

const writeInput = (part: Part, path: string, notes: Unsayable): JsonMembers | undefined => {
  if (part.type === 'foreign') return notes.foreign(part, path)
  if (part.type === 'text')
    return { type: 'input_text', text: part.text, ...writeMark(part), ...notes.extra(part.extra, path) }
  if (part.type === 'image') {
    const { source, detail = 'auto' } = part
    const at =
      source.from === 'file'
        ? { file_id: source.id }
        : { image_url: source.from === 'url' ? source.url : urlOfBytes(source) }
    return { type: 'input_image', detail, ...at, ...writeMark(part), ...notes.extra(part.extra, path) }
  }
  if (part.type !== 'document') return notes.lost(path, `responses cannot say a ${part.type} here.`)
  const { source, name } = part
  const more = () => ({ ...writeMark(part), ...notes.extra(part.extra, path) })
  if (source.from === 'text') {
    notes.passedOver(path, 'A document of plain text is said as a text.')
    return { type: 'input_text', text: source.text, ...more() }
  }
  if (source.from === 'file') return known({ type: 'input_file', file_id: source.id, filename: name, ...more() })
  if (source.from === 'url') return known({ type: 'input_file', file_url: source.url, filename: name, ...more() })
  return { type: 'input_file', filename: name ?? 'document.pdf', file_data: urlOfBytes(source), ...more() }
}

const writeResult = (
  { call, parts, failed, cache, extra }: ToolResultPart,
  path: string,
  notes: Unsayable,
): JsonMembers => {
  if (failed) notes.passedOver(`${path}/failed`, 'responses has no word for a tool that failed; its text has to tell.')
  if (cache) notes.passedOver(`${path}/cache`, 'responses has no mark for the prompt cache on a result.')
  const plain = plainOf({ role: 'tool', parts })
  const output = plain ?? parts.flatMap((part, index) => orNone(writeInput(part, `${path}/parts/${index}`, notes)))
  return { type: 'function_call_output', call_id: fitId(call, toolIds), output, ...notes.extra(extra, path) }
}

/** Only thoughts of this wire are handed back to it: as thoughts, never as what the model said. */
const writeAnswer = (parts: readonly Part[], path: string, notes: Unsayable): JsonMembers[] => {
  const own = parts.filter((part, index) => {
    if (
      part.type !== 'thinking' ||
      part.seal?.wire === 'responses' ||
      (part.seal === undefined && part.id?.startsWith('rs_'))
    )
      return true
    notes.passedOver(`${path}/parts/${index}`, 'responses takes back only thoughts of its own.')
    return false
  })
  return itemsOf(own).flatMap((item): JsonMembers[] => {
    if (item.type === 'reasoning') return [reasoningItem(item.id ?? '', item.parts)]
    if (item.type === 'function_call') {
      const { id, name, arguments: text, extra } = item.part
      return [
        { type: 'function_call', call_id: fitId(id, toolIds), name, arguments: text, ...notes.extra(extra, path) },
      ]
    }
    if (item.type === 'other') {
      const { part } = item
      if (part.type === 'foreign') return orNone(notes.foreign(part, path))
      notes.lost(path, `responses cannot say a ${part.type} of the model.`)
      return []
    }
    return [writeMessage(item.parts, path, notes)]
  })
}

const writeMessage = (parts: readonly Part[], path: string, notes: Unsayable): JsonMembers => {
  let phase: unknown
  const content = parts.flatMap((part): JsonMembers[] => {
    if (part.type === 'refusal') return [{ type: 'refusal', refusal: part.text }]
    if (part.type !== 'text') return []
    if (part.cache)
      notes.passedOver(`${path}/cache`, 'responses has no mark for the prompt cache on what the model said.')
    const { phase: own, ...more } = notes.extra(part.extra, path)
    phase = own
    return [{ type: 'output_text', text: part.text, ...more }]
  })
  const [only] = content
  const plain =
    content.length === 1 && isObject(only) && only['type'] === 'output_text' && Object.keys(only).length === 2
  return known({ role: 'assistant', content: plain ? only['text'] : content, phase })
}
