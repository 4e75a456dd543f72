import type { Dialogue, JsonMembers, Part, Tool, ToolCallPart, ToolResultPart, Turn, Written } from '../dialogue.ts'
import { known } from '../members.ts'
import { fitId } from '../tool-id.ts'
import { Unsayable } from '../unsaid.ts'
import { writePart } from './parts.ts'
import { type ChatQuirks, chatQuirks } from './quirks.ts'
import { writeThoughts } from './thoughts.ts'

/** A provider's `chat/completions` body, and what of the dialogue it cannot say. */
export const writeRequest = (dialogue: Dialogue, quirks: ChatQuirks = chatQuirks.openai): Written => {
  const notes = new Unsayable('chat')
  const { thinking, format, toolChoice, logprobs, stream, streamUsage, topK } = dialogue
  const { stream_options: otherOptions, ...extra } = notes.extra(dialogue.extra, '')
  const options = known({ ...(otherOptions as object), include_usage: streamUsage })
  if (topK !== undefined && !quirks.topK) notes.lost('/topK', 'chat has no word for how many tokens are chosen among.')
  const body: JsonMembers = known({
    model: dialogue.model,
    messages: dialogue.turns.flatMap((turn, index) => writeTurn(turn, `/turns/${index}`, quirks, notes)),
    tools: dialogue.tools?.flatMap((tool, index) => writeTool(tool, `/tools/${index}`, notes)),
    tool_choice:
      typeof toolChoice === 'object'
        ? { type: 'function', function: { name: toolChoice.name } }
        : toolChoice === 'required'
          ? quirks.required
          : toolChoice,
    parallel_tool_calls: dialogue.parallelTools,
    response_format: format && writeFormat(format),
    reasoning_effort: thinking && writeEffort(thinking, notes),
    verbosity: dialogue.verbosity,
    [quirks.maxTokens]: dialogue.maxTokens,
    temperature: dialogue.temperature,
    top_p: dialogue.topP,
    top_k: quirks.topK ? topK : undefined,
    stop: dialogue.stop,
    [quirks.seed]: dialogue.seed,
    presence_penalty: dialogue.presencePenalty,
    frequency_penalty: dialogue.frequencyPenalty,
    n: dialogue.choices,
    logprobs: logprobs === undefined ? undefined : true,
    top_logprobs: logprobs === 0 ? undefined : logprobs,
    stream,
    stream_options: quirks.streamOptions && Object.keys(options).length > 0 ? options : undefined,
    user: dialogue.user,
    metadata: dialogue.metadata,
    service_tier: dialogue.tier,
    prompt_cache_key: dialogue.cacheKey,
    ...extra,
  })
  for (const member of quirks.refuses) {
    if (body[member] === undefined) continue
    delete body[member]
    if (unimportant.has(member)) notes.passedOver(`/${member}`, `This provider does not take “${member}”.`)
    else notes.lost(`/${member}`, `This provider does not take “${member}”.`)
  }
  return { body, unsaid: notes.unsaid }
}

const unimportant = new Set(['user', 'metadata', 'service_tier', 'prompt_cache_key', 'store'])

const writeFormat = (format: NonNullable<Dialogue['format']>): JsonMembers => {
  if (format.type === 'json') return { type: 'json_object' }
  const { name = 'answer', description, schema, strict } = format
  return { type: 'json_schema', json_schema: known({ name, description, schema, strict }) }
}

/** Budgets of tokens, as the efforts that come near them. */
const effortOfBudget = (budget: number) => (budget <= 2048 ? 'low' : budget <= 12_288 ? 'medium' : 'high')

const writeEffort = ({ mode, effort, budget, show }: NonNullable<Dialogue['thinking']>, notes: Unsayable) => {
  if (show !== undefined) notes.passedOver('/thinking/show', 'chat has no word for how thoughts are shown.')
  if (mode === 'off') return 'none'
  if (effort !== undefined) return effort
  if (budget === undefined)
    return notes.passedOver('/thinking', 'chat can only say how much to think; the model decides.')
  const near = effortOfBudget(budget)
  notes.nearly('/thinking/budget', `chat cannot say how many tokens to think for; it asks for the effort “${near}”.`)
  return near
}

const writeTool = (tool: Tool, path: string, notes: Unsayable): JsonMembers[] => {
  if (tool.type === 'foreign') {
    const value = notes.foreign(tool, path)
    return value === undefined ? [] : [value]
  }
  const { name, description, parameters, strict } = tool
  if (tool.cache) notes.passedOver(`${path}/cache`, 'chat has no mark for the prompt cache on a tool.')
  return [
    { type: 'function', function: known({ name, description, parameters, strict }), ...notes.extra(tool.extra, path) },
  ]
}

const writeTurn = (turn: Turn, path: string, quirks: ChatQuirks, notes: Unsayable): JsonMembers[] => {
  if (turn.role === 'tool') return writeResults(turn, path, quirks, notes)
  if (turn.role === 'assistant') return [writeAnswer(turn, path, quirks, notes)]
  const role = turn.role === 'developer' && !quirks.developer ? 'system' : turn.role
  return [{ role, content: writeContent(turn.parts, path, quirks, notes), ...notes.extra(turn.extra, path) }]
}

const writeContent = (
  parts: readonly Part[],
  path: string,
  quirks: ChatQuirks,
  notes: Unsayable,
): string | object[] => {
  const written = parts.flatMap((part, index) => {
    const at = `${path}/parts/${index}`
    if (part.type === 'text' || part.type === 'image' || part.type === 'document' || part.type === 'audio')
      return writePart(part, quirks, at, notes) ?? []
    if (part.type === 'foreign') return notes.foreign(part, at) ?? []
    notes.lost(at, `chat cannot say a ${part.type} here.`)
    return []
  })
  return plainText(written) ?? written
}

/** One part that is nothing but text is said as that text. */
const plainText = (written: readonly object[]): string | undefined => {
  const [only, ...others] = written as { type?: unknown; text?: string }[]
  if (only === undefined) return ''
  return others.length === 0 && only.type === 'text' && Object.keys(only).length === 2 ? only.text : undefined
}

const writeAnswer = (turn: Turn, path: string, quirks: ChatQuirks, notes: Unsayable): JsonMembers => {
  const texts: object[] = []
  const calls: JsonMembers[] = []
  const thoughts = turn.parts.filter((part) => part.type === 'thinking')
  let refusal: string | undefined
  for (const [index, part] of turn.parts.entries()) {
    const at = `${path}/parts/${index}`
    if (part.type === 'text') {
      if (calls.length > 0) notes.passedOver(at, 'chat cannot say a text after a tool call; it comes before it.')
      texts.push(writePart(part, quirks, at, notes) ?? {})
    } else if (part.type === 'tool_call') calls.push(writeCall(part, at, quirks, notes))
    else if (part.type === 'refusal') refusal = (refusal ?? '') + part.text
    else if (part.type === 'foreign') {
      const value = notes.foreign(part, at)
      if (value !== undefined) ('id' in value ? calls : texts).push(value)
    } else if (part.type !== 'thinking') notes.lost(at, `chat cannot say a ${part.type} of the model.`)
    else if (quirks.thoughts === null) notes.passedOver(at, 'chat does not take thoughts of earlier turns.')
  }
  return known({
    role: 'assistant',
    content: texts.length === 0 ? (calls.length > 0 || refusal !== undefined ? null : '') : (plainText(texts) ?? texts),
    refusal,
    tool_calls: calls.length === 0 ? undefined : calls,
    ...(quirks.thoughts === null ? {} : writeThoughts(thoughts, quirks.thoughts)),
    ...notes.extra(turn.extra, path),
  })
}

const writeCall = (call: ToolCallPart, path: string, quirks: ChatQuirks, notes: Unsayable): JsonMembers => ({
  ...sayCall({ ...call, id: fitId(call.id, quirks.toolIds) }),
  ...notes.extra(call.extra, path),
})

export const sayCall = ({ id, name, arguments: text, seal }: ToolCallPart): JsonMembers => ({
  id,
  type: 'function',
  function: { name, arguments: text },
  ...(seal?.wire === 'gemini' ? { extra_content: { google: { thought_signature: seal.data } } } : {}),
})

/** A message for each result. Images and documents in them go into a message of the user's after the last. */
const writeResults = (turn: Turn, path: string, quirks: ChatQuirks, notes: Unsayable): JsonMembers[] => {
  const shown: object[] = []
  const results = turn.parts.map((part, index): JsonMembers => {
    const at = `${path}/parts/${index}`
    const { call, parts, failed, extra } = part as ToolResultPart
    if (failed) notes.passedOver(`${at}/failed`, 'chat has no word for a tool that failed; its text has to tell.')
    const texts = parts.flatMap((inner, place) => {
      const where = `${at}/parts/${place}`
      if (inner.type === 'foreign') return notes.foreign(inner, where) ?? []
      const written = writePart(inner, quirks, where, notes)
      if (written === undefined || inner.type === 'text') return written ?? []
      notes.passedOver(where, `chat shows the ${inner.type} of a tool in a message of the user's after it.`)
      shown.push({ type: 'text', text: `From the tool call ${fitId(call, quirks.toolIds)}:` }, written)
      return []
    })
    return {
      role: 'tool',
      tool_call_id: fitId(call, quirks.toolIds),
      content: plainText(texts) ?? texts,
      ...notes.extra(extra, at),
    }
  })
  return shown.length === 0 ? results : [...results, { role: 'user', content: shown }]
}
