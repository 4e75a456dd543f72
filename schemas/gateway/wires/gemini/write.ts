import type { Dialogue, Effort, JsonMembers, Part, Tool, ToolResultPart, Turn, Written } from '../dialogue.ts'
import { known, orNone } from '../members.ts'
import { Unsayable } from '../unsaid.ts'
import { writeCall, writeMedia, writeText } from './parts.ts'

export type GeminiQuirks = {
  /** Whether calls and results carry their ids; else they belong together by their names and their order. */
  ids: boolean
  /** Whether thinking is told as a level (from Gemini 3 on), or as a budget. */
  levels: boolean
  /** Whether a call without the signature of the thought that led to it is refused, unless it says that it has none. */
  asksForSignatures: boolean
}

export const quirksOfModel = (model: string): GeminiQuirks => {
  const three = /gemini-(?:[3-9]|\d\d)/.test(model)
  return { ids: false, levels: three, asksForSignatures: three }
}

/** A provider's `generateContent` body, and what of the dialogue it cannot say. Model and stream go into the address. */
export const writeRequest = (dialogue: Dialogue, quirks: GeminiQuirks = quirksOfModel(dialogue.model)): Written => {
  const notes = new Unsayable('gemini')
  const { turns, tools, format, thinking } = dialogue
  const { generationConfig: otherConfig, ...extra } = notes.extra(dialogue.extra, '')
  const lead = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  const leading = lead === -1 ? turns.length : lead
  const names = namesOf(turns)
  const write = (turn: Turn, index: number) => writeTurn(turn, `/turns/${index}`, { quirks, names }, notes)
  const system = turns.slice(0, leading).flatMap((turn, index) => write(turn, index))
  const config = known({
    ...(otherConfig as object),
    temperature: dialogue.temperature,
    topP: dialogue.topP,
    topK: dialogue.topK,
    maxOutputTokens: dialogue.maxTokens,
    stopSequences: dialogue.stop,
    candidateCount: dialogue.choices,
    seed: dialogue.seed,
    presencePenalty: dialogue.presencePenalty,
    frequencyPenalty: dialogue.frequencyPenalty,
    responseMimeType: format === undefined ? undefined : 'application/json',
    responseJsonSchema: format?.type === 'schema' ? format.schema : undefined,
    thinkingConfig: thinking && writeThinking(thinking, quirks, notes),
  })
  const body = known({
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    contents: turns.flatMap((turn, index) =>
      index < leading ? [] : orNone(writeContent(turn, write(turn, index), `/turns/${index}`, notes)),
    ),
    tools: tools && writeTools(tools, notes),
    toolConfig: writeChoice(dialogue.toolChoice),
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
    ...extra,
  })
  noteRest(dialogue, notes)
  return { body, unsaid: notes.unsaid }
}

const noteRest = (dialogue: Dialogue, notes: Unsayable): void => {
  if (dialogue.logprobs !== undefined) notes.lost('/logprobs', 'gemini is not asked how likely tokens were.')
  if (dialogue.parallelTools === false) notes.lost('/parallelTools', 'gemini may call several tools at once.')
  notes.none(dialogue, '', {
    verbosity: 'how wordy an answer is',
    user: 'a user',
    metadata: 'labels',
    tier: 'a service tier',
    cacheKey: 'a key of the prompt cache',
  })
}

/** What each call is to: a result names its tool here. */
const namesOf = (turns: readonly Turn[]): Map<string, string> => {
  const names = new Map<string, string>()
  for (const { parts } of turns) for (const part of parts) if (part.type === 'tool_call') names.set(part.id, part.name)
  return names
}

const writeContent = (turn: Turn, parts: JsonMembers[], path: string, notes: Unsayable): JsonMembers | undefined => {
  if (parts.length === 0) return undefined
  const extra = notes.extra(turn.extra, path)
  if (turn.role === 'system' || turn.role === 'developer')
    notes.nearly(path, 'gemini takes instructions at the beginning only; these are said as the user.')
  return { role: turn.role === 'assistant' ? 'model' : 'user', parts, ...extra }
}

type Context = { quirks: GeminiQuirks; names: Map<string, string> }

const writeTurn = ({ parts }: Turn, path: string, context: Context, notes: Unsayable): JsonMembers[] => {
  const written = parts.flatMap((part, index) => writePart(part, `${path}/parts/${index}`, context, notes))
  const first = written.find((part) => part['functionCall'] !== undefined)
  if (context.quirks.asksForSignatures && first !== undefined && first['thoughtSignature'] === undefined)
    first['thoughtSignature'] = 'skip_thought_signature_validator'
  return written
}

const writePart = (part: Part, path: string, context: Context, notes: Unsayable): JsonMembers[] => {
  switch (part.type) {
    case 'text':
    case 'refusal':
      if ('cache' in part && part.cache)
        notes.passedOver(`${path}/cache`, 'gemini has no marks for its prompt cache; it caches by itself.')
      return [{ ...writeText({ ...part, type: 'text' }), ...notes.extra(part.extra, path) }]
    case 'thinking':
      if (part.seal?.wire === 'gemini') return [writeText(part)]
      notes.passedOver(path, 'gemini takes back only thoughts that it has signed.')
      return []
    case 'tool_call':
      notes.extra(part.extra, path)
      return [writeCall(part, context.quirks.ids, path, notes)]
    case 'tool_result':
      return writeResult(part, path, context, notes)
    case 'foreign':
      return orNone(notes.foreign(part, path))
    default:
      return [writeMedia(part, path, notes)]
  }
}

/** A result is an object here: what a tool said under `output`, what went wrong under `error`. */
const writeResult = (
  { call, parts, failed, extra }: ToolResultPart,
  path: string,
  { quirks, names }: Context,
  notes: Unsayable,
): JsonMembers[] => {
  notes.extra(extra, path)
  const texts: string[] = []
  const shown: JsonMembers[] = []
  for (const [index, part] of parts.entries()) {
    const at = `${path}/parts/${index}`
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'foreign') shown.push(...orNone(notes.foreign(part, at)))
    else {
      notes.passedOver(at, `gemini shows the ${part.type} of a tool beside its result.`)
      shown.push(writeMedia(part, at, notes))
    }
  }
  const name = names.get(call) ?? 'unknown'
  const response = { [failed ? 'error' : 'output']: texts.join('\n') }
  return [{ functionResponse: quirks.ids ? { id: call, name, response } : { name, response } }, ...shown]
}

const writeTools = (tools: readonly Tool[], notes: Unsayable): JsonMembers[] => {
  const functionDeclarations: JsonMembers[] = []
  const others: JsonMembers[] = []
  for (const [index, tool] of tools.entries()) {
    const path = `/tools/${index}`
    if (tool.type === 'foreign') {
      others.push(...orNone(notes.foreign(tool, path)))
      continue
    }
    const { name, description, parameters, strict, cache, extra } = tool
    if (strict) notes.passedOver(`${path}/strict`, 'gemini holds no single tool to its schema.')
    if (cache) notes.passedOver(`${path}/cache`, 'gemini has no marks for its prompt cache; it caches by itself.')
    functionDeclarations.push(
      known({ name, description, parametersJsonSchema: parameters, ...notes.extra(extra, path) }),
    )
  }
  return functionDeclarations.length === 0 ? others : [{ functionDeclarations }, ...others]
}

const writeChoice = (choice: Dialogue['toolChoice']): JsonMembers | undefined => {
  if (choice === undefined) return undefined
  const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const
  return {
    functionCallingConfig:
      typeof choice === 'object' ? { mode: 'ANY', allowedFunctionNames: [choice.name] } : { mode: modes[choice] },
  }
}

const levels: Record<Effort, string> = {
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}
const budgets: Record<Effort, number> = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
}

const writeThinking = (
  { mode, effort, budget, show }: NonNullable<Dialogue['thinking']>,
  quirks: GeminiQuirks,
  notes: Unsayable,
): JsonMembers => {
  if (effort === 'xhigh' || effort === 'max')
    notes.passedOver('/thinking/effort', 'gemini knows no effort above “high”.')
  const includeThoughts = show === undefined ? mode !== 'off' : show === 'summarized'
  if (mode === 'off' && quirks.levels)
    notes.nearly('/thinking', 'This model always thinks; it is asked to do so as little as it can.')
  if (quirks.levels && budget === undefined)
    return known({ thinkingLevel: mode === 'off' ? 'minimal' : effort && levels[effort], includeThoughts })
  const thinkingBudget = mode === 'off' ? 0 : (budget ?? (effort === undefined ? -1 : budgets[effort]))
  return { thinkingBudget, includeThoughts }
}
