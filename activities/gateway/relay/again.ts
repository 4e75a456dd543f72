import { isFault } from '#schemas/errors.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { emptyAnswer, most, noParameters } from '#schemas/gateway/playground-empty.ts'
import type { PlaygroundAnswer, PlaygroundContent, PlaygroundTurn } from '#schemas/gateway/playgrounds.ts'
import type { Dialogue, Part, Source, Turn } from '#schemas/gateway/wires/dialogue.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import { scan, splice } from '#schemas/gateway/wires/splice.ts'
import { speeches } from './speech.ts'

/** What was asked, asked of another model where one is named; every other byte stays. */
export function askedOf(text: string, model: string | undefined): Buffer {
  const bytes = Buffer.from(text)
  const scanned = model === undefined ? undefined : scan(bytes)
  return scanned === undefined ? bytes : Buffer.concat(splice(bytes, scanned, { model: JSON.stringify(model) }))
}

/** What was asked, as the playground holds it, whatever wire it came on; null where it is no conversation. */
export function contentOf(operation: Operation, text: string): PlaygroundContent | null {
  const said = parsed(text)
  const { spoken } = speeches[operation]
  if (spoken === null || said === undefined) return null
  try {
    return toContent(spoken.readRequest(said))
  } catch (error) {
    if (isFault(error)) return null
    throw error
  }
}

const toContent = (dialogue: Dialogue): PlaygroundContent => {
  const { model, turns, tools = [], format, thinking } = dialogue
  const functions = tools.flatMap((tool) => {
    if (tool.type !== 'function') return []
    const { name, description, parameters, strict } = tool
    return [{ type: 'function', function: { name, description, parameters, strict } }]
  })
  const isInstruction = ({ role }: Turn) => role === 'system' || role === 'developer'
  const content: PlaygroundContent = {
    system: turns.filter(isInstruction).map(textOf).join('\n\n'),
    models: [model],
    parameters: {
      ...noParameters,
      temperature: dialogue.temperature ?? null,
      topP: dialogue.topP ?? null,
      maxTokens: dialogue.maxTokens ?? null,
      effort: thinking?.mode === 'off' ? 'none' : (thinking?.effort ?? null),
      seed: dialogue.seed ?? null,
      stop: (dialogue.stop ?? []).slice(0, 4),
    },
    tools: functions.length === 0 ? '' : JSON.stringify(functions, null, 2),
    schema: format?.type === 'schema' ? JSON.stringify(format.schema, null, 2) : '',
    turns: [],
  }
  for (const turn of turns) if (!isInstruction(turn)) take(content, turn)
  return content
}

const take = ({ turns, models: [model = ''] }: PlaygroundContent, { role, parts }: Turn): void => {
  const last = turns.at(-1)
  if (role === 'user') {
    turns.push({ text: textOf({ role, parts }), images: parts.flatMap(imageOf).slice(0, most.images), answers: [] })
    return
  }
  if (role === 'tool') {
    for (const part of parts)
      if (part.type === 'tool_result') answerTo(turns, part.call, textOf({ role, parts: part.parts }))
    return
  }
  const open: PlaygroundTurn =
    last === undefined || last.answers.length > 0 ? { text: '', images: [], answers: [] } : last
  if (open !== last) turns.push(open)
  open.answers.push(toAnswer(model, parts))
}

/** Where a tool was called, what it answered. */
const answerTo = (turns: readonly PlaygroundTurn[], id: string, result: string): void => {
  const call = turns
    .flatMap(({ answers }) => answers.flatMap((one) => one?.calls ?? []))
    .findLast((one) => one.id === id)
  if (call !== undefined) call.result = result
}

const toAnswer = (model: string, parts: readonly Part[]): PlaygroundAnswer => ({
  ...emptyAnswer(model, 'done'),
  text: textOf({ role: 'assistant', parts: [...parts] }),
  calls: parts.flatMap((part) =>
    part.type === 'tool_call' ? [{ id: part.id, name: part.name, arguments: part.arguments, result: null }] : [],
  ),
})

/** Texts as they are; of what the playground has no place for, that it was there. */
const textOf = ({ parts }: Pick<Turn, 'role' | 'parts'>): string =>
  parts
    .flatMap((part) => {
      if (part.type === 'text' || part.type === 'refusal') return [part.text]
      return part.type === 'document' || part.type === 'audio' ? [`[${part.type}, left out]`] : []
    })
    .join('\n')

const imageOf = (part: Part): string[] => (part.type === 'image' ? addressOf(part.source) : [])

const addressOf = (source: Source): string[] => {
  if (source.from === 'url') return [source.url]
  return source.from === 'bytes' ? [`data:${source.mime};base64,${source.base64}`] : []
}
