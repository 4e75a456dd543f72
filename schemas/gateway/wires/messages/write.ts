import type { Dialogue, JsonMembers, Part, Tool, Turn, Written } from '../dialogue.ts'
import { known, orNone } from '../members.ts'
import { Unsayable } from '../unsaid.ts'
import { type MessagesQuirks, quirksOfModel } from './quirks.ts'
import { writeThinking } from './thinking.ts'
import { plainText, writeBlock, writeMark } from './write-block.ts'

/** A provider's `messages` body, and what of the dialogue it cannot say. */
export const writeRequest = (dialogue: Dialogue, quirks: MessagesQuirks = quirksOfModel(dialogue.model)): Written => {
  const notes = new Unsayable('messages')
  const { turns, tools, format, stream, user } = dialogue
  const maxTokens = dialogue.maxTokens ?? quirks.mostTokens
  if (dialogue.maxTokens === undefined)
    notes.nearly('/maxTokens', `messages has to be told how much may be answered: ${maxTokens} tokens.`)
  const thinks = writeThinking(dialogue, maxTokens, quirks, notes)
  const { output_config: otherConfig, ...extra } = notes.extra(dialogue.extra, '')
  const config = known({
    ...(otherConfig as object),
    effort: thinks.effort,
    format: format?.type === 'schema' ? { type: 'json_schema', schema: format.schema } : undefined,
  })
  const lead = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const leading = lead === -1 ? turns.length : lead
  const body = known({
    model: dialogue.model,
    max_tokens: maxTokens,
    system: writeSystem(turns.slice(0, leading), quirks, notes),
    messages: writeTurns(turns, leading, quirks, notes),
    tools: tools?.flatMap((tool, index) => writeTool(tool, `/tools/${index}`, notes)),
    tool_choice: writeChoice(dialogue, notes),
    thinking: thinks.thinking,
    output_config: Object.keys(config).length === 0 ? undefined : config,
    ...writeSampling(dialogue, thinks.on, quirks, notes),
    stop_sequences: writeStops(dialogue.stop, notes),
    stream,
    metadata: user === undefined ? undefined : { user_id: user },
    service_tier: writeTier(dialogue.tier, notes),
    ...extra,
  })
  noteRest(dialogue, notes)
  return { body, unsaid: notes.unsaid }
}

const noteRest = (dialogue: Dialogue, notes: Unsayable): void => {
  const { format, choices, logprobs, seed, presencePenalty, frequencyPenalty } = dialogue
  if (format?.type === 'json') notes.lost('/format', 'messages can be held to a JSON schema, not to JSON of any shape.')
  if (format?.type === 'schema' && format.strict !== undefined)
    notes.passedOver('/format/strict', 'messages always keeps to the schema.')
  if (choices !== undefined && choices > 1) notes.lost('/choices', 'messages gives one answer.')
  if (logprobs !== undefined) notes.lost('/logprobs', 'messages does not tell how likely tokens were.')
  if (seed !== undefined) notes.lost('/seed', 'messages has no seed.')
  if (presencePenalty) notes.lost('/presencePenalty', 'messages has no penalty for what was said before.')
  if (frequencyPenalty) notes.lost('/frequencyPenalty', 'messages has no penalty for what was said often.')
  notes.none(dialogue, '', {
    verbosity: 'how wordy an answer is',
    metadata: 'labels',
    cacheKey: 'a key of the prompt cache',
  })
}

const writeSampling = (
  { temperature, topP, topK }: Dialogue,
  thinks: boolean,
  quirks: MessagesQuirks,
  notes: Unsayable,
) => {
  if (quirks.sampling) return { temperature: writeTemperature(temperature, thinks, notes), top_p: topP, top_k: topK }
  for (const [key, value] of Object.entries({ temperature, topP, topK }))
    if (value !== undefined) notes.lost(`/${key}`, 'This model draws its tokens in its own way; it takes no sampling.')
  return {}
}

const writeTemperature = (temperature: number | undefined, thinks: boolean, notes: Unsayable): number | undefined => {
  if (temperature === undefined || temperature === 1) return temperature
  if (thinks) return notes.nearly('/temperature', 'messages has a temperature of 1 while thinking.')
  if (temperature <= 1) return temperature
  notes.nearly('/temperature', 'messages has no temperature above 1.')
  return 1
}

const writeStops = (stop: string[] | undefined, notes: Unsayable): string[] | undefined => {
  const told = stop?.filter((one) => one.trim() !== '')
  if (told?.length !== stop?.length) notes.lost('/stop', 'messages cannot be stopped by blanks alone.')
  return told?.length === 0 ? undefined : told
}

const writeTier = (tier: string | undefined, notes: Unsayable): string | undefined => {
  if (tier === undefined || tier === 'auto') return tier
  if (tier === 'default') return 'standard_only'
  return notes.passedOver('/tier', `messages has no service tier “${tier}”.`)
}

const writeChoice = ({ tools, toolChoice, parallelTools }: Dialogue, notes: Unsayable): JsonMembers | undefined => {
  if (toolChoice === undefined && parallelTools === undefined) return undefined
  // a choice without tools would be refused, and says nothing
  if (tools === undefined || tools.length === 0) {
    if (toolChoice !== 'none' && toolChoice !== 'auto')
      notes.passedOver('/toolChoice', 'There are no tools to choose from.')
    return undefined
  }
  if (toolChoice === 'none') return { type: 'none' }
  const disable = parallelTools === undefined ? undefined : !parallelTools
  const more = disable === undefined ? {} : { disable_parallel_tool_use: disable }
  if (typeof toolChoice === 'object') return { type: 'tool', name: toolChoice.name, ...more }
  return { type: toolChoice === 'required' ? 'any' : 'auto', ...more }
}

const writeTool = (tool: Tool, path: string, notes: Unsayable): JsonMembers[] => {
  if (tool.type === 'foreign') {
    const value = notes.foreign(tool, path)
    return value === undefined ? [] : [value]
  }
  const { name, description, parameters, strict, cache } = tool
  const schema = parameters ?? { type: 'object', properties: {} }
  const input_schema = schema['type'] === undefined ? { type: 'object', ...schema } : schema
  return [
    { ...known({ name, description, input_schema, strict }), ...writeMark(cache), ...notes.extra(tool.extra, path) },
  ]
}

const writeParts = (parts: readonly Part[], path: string, quirks: MessagesQuirks, notes: Unsayable): JsonMembers[] =>
  parts.flatMap((part, index) => orNone(writeBlock(part, `${path}/parts/${index}`, quirks, notes)))

const writeSystem = (turns: readonly Turn[], quirks: MessagesQuirks, notes: Unsayable) => {
  const blocks = turns.flatMap(({ parts }, index) => writeParts(parts, `/turns/${index}`, quirks, notes))
  return blocks.length === 0 ? undefined : plainText(blocks)
}

type Message = { role: 'user' | 'assistant' | 'system'; blocks: JsonMembers[]; extra: JsonMembers; turn: Turn['role'] }

/** Results and what the user says beside them are one message here. */
const writeTurns = (turns: readonly Turn[], from: number, quirks: MessagesQuirks, notes: Unsayable): JsonMembers[] => {
  const messages: Message[] = []
  for (const [index, turn] of turns.entries()) {
    if (index < from) continue
    const path = `/turns/${index}`
    const blocks = writeParts(turn.parts, path, quirks, notes)
    const extra = notes.extra(turn.extra, path)
    const role = roleOf(turn, path, quirks, notes)
    const before = messages.at(-1)
    if (blocks.length === 0 && turn.parts.length === 0)
      notes.passedOver(path, 'messages has no turn that says nothing.')
    if (blocks.length === 0) continue
    if (before?.role === 'user' && role === 'user' && (turn.role === 'tool' || before.turn === 'tool')) {
      before.blocks.push(...blocks)
      before.turn = turn.role
      Object.assign(before.extra, extra)
    } else messages.push({ role, blocks, extra: { ...extra }, turn: turn.role })
  }
  return messages.map(({ role, blocks, extra }) => ({ role, content: plainText(blocks), ...extra }))
}

const roleOf = (turn: Turn, path: string, quirks: MessagesQuirks, notes: Unsayable): Message['role'] => {
  if (turn.role === 'assistant') return 'assistant'
  if (turn.role === 'user' || turn.role === 'tool') return 'user'
  if (quirks.instructsMidway) return 'system'
  notes.nearly(path, 'This model takes instructions at the beginning only; these are said as the user.')
  return 'user'
}
