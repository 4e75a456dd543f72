import type {
  AnswerFormat,
  Dialogue,
  FunctionTool,
  Part,
  Thinking,
  Tool,
  ToolChoice,
  ToolResultPart,
  Turn,
} from '../dialogue.ts'
import { efforts } from '../dialogue.ts'
import { bodyOf, known, Members, type Place } from '../members.ts'
import { madeId } from '../tool-id.ts'
import { readPart } from './parts.ts'

/** A client's `generateContent` body; which model, and whether it streams, stands in the address. */
export const readRequest = (body: unknown, address: { model: string; stream?: boolean }): Dialogue => {
  const members = bodyOf(body)
  const system = members.members('systemInstruction')?.need('parts').list
  const config = members.members('generationConfig') ?? new Members({})
  const turns = readContents(members.need('contents').list)
  if (system !== undefined)
    turns.unshift({ role: 'system', parts: system.map((one) => readPart(one.members, () => '')) })
  const dialogue = known({
    model: address.model,
    turns,
    tools: members.list('tools')?.flatMap(readTools),
    toolChoice: readChoice(members.members('toolConfig')?.members('functionCallingConfig')),
    format: readFormat(config),
    thinking: readThinking(config.members('thinkingConfig')),
    maxTokens: config.number('maxOutputTokens'),
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK: config.number('topK'),
    stop: config.list('stopSequences')?.map((one) => one.text),
    seed: config.number('seed'),
    presencePenalty: config.number('presencePenalty'),
    frequencyPenalty: config.number('frequencyPenalty'),
    choices: config.number('candidateCount'),
    stream: address.stream,
    metadata: undefined,
  })
  const [rest, inner] = [members.rest('gemini'), config.rest('gemini')]
  if (rest === undefined && inner === undefined) return dialogue
  const more = inner === undefined ? {} : { generationConfig: inner.members }
  return { ...dialogue, extra: { wire: 'gemini', members: { ...rest?.members, ...more } } }
}

/** Where calls have no ids they are made of their place, and results find them by name, in their order. */
const readContents = (contents: Place[]): Turn[] => {
  const waiting: { id: string; name: string }[] = []
  return contents.flatMap((place, index): Turn[] => {
    const content = place.members
    const model = content.text('role') === 'model'
    const parts = content.need('parts').list.map((one, at) => {
      const part = one.members
      const result = part.members('functionResponse')
      return result === undefined ? readPart(part, (name) => madeId(index, at, name)) : readResult(result, waiting)
    })
    for (const part of parts) if (part.type === 'tool_call') waiting.push(part)
    if (model) return [{ role: 'assistant', parts }]
    const turns: Turn[] = []
    for (const part of parts) {
      const role = part.type === 'tool_result' ? 'tool' : 'user'
      const before = turns.at(-1)
      if (before?.role === role) before.parts.push(part)
      else turns.push({ role, parts: [part] })
    }
    return turns
  })
}

const readResult = (result: Members, waiting: { id: string; name: string }[]): ToolResultPart => {
  const name = result.need('name').text
  const given = result.text('id')
  const at = waiting.findIndex((one) => (given === undefined ? one.name === name : one.id === given))
  const [call] = at === -1 ? [] : waiting.splice(at, 1)
  const response = result.take('response')?.object ?? {}
  const [key, ...others] = Object.keys(response)
  const said = others.length === 0 && (key === 'output' || key === 'error') ? response[key] : response
  const text = typeof said === 'string' ? said : JSON.stringify(said)
  const failed = others.length === 0 && key === 'error' ? true : undefined
  const parts: ToolResultPart['parts'] = [{ type: 'text', text }]
  const id = call?.id ?? given ?? madeId('result', 0, name)
  return { type: 'tool_result', call: id, parts, ...(failed ? { failed } : {}) }
}

const readTools = (place: Place): Tool[] => {
  const tool = place.members
  const functions = tool.list('functionDeclarations')?.map((one): Part | Tool => readFunction(one.members)) as
    | Tool[]
    | undefined
  const rest = tool.rest('gemini')
  return [
    ...(functions ?? []),
    ...(rest === undefined ? [] : [{ type: 'foreign' as const, wire: 'gemini' as const, value: rest.members }]),
  ]
}

const readFunction = (told: Members): FunctionTool => {
  const name = told.need('name').text
  const description = told.text('description')
  const parameters = told.take('parametersJsonSchema')?.object ?? told.take('parameters')?.object
  return known({ type: 'function', name, description, parameters, extra: told.rest('gemini') })
}

const readChoice = (config: Members | undefined): ToolChoice | undefined => {
  const mode = config?.text('mode')
  const [only, ...others] = config?.list('allowedFunctionNames')?.map((one) => one.text) ?? []
  if (mode === 'ANY') return only !== undefined && others.length === 0 ? { name: only } : 'required'
  return mode === 'NONE' ? 'none' : mode === 'AUTO' ? 'auto' : undefined
}

const readFormat = (config: Members): AnswerFormat | undefined => {
  const mime = config.text('responseMimeType')
  if (mime !== 'application/json') return undefined
  const schema = config.take('responseJsonSchema')?.object ?? config.take('responseSchema')?.object
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema }
}

const readThinking = (config: Members | undefined): Thinking | undefined => {
  if (config === undefined) return undefined
  const level = config.text('thinkingLevel')?.toLowerCase()
  const effort = efforts.find((one) => one === level)
  const budget = config.number('thinkingBudget')
  const show = config.flag('includeThoughts')
  const told: Thinking =
    budget === undefined || budget === -1 ? { mode: 'auto' } : budget === 0 ? { mode: 'off' } : { mode: 'on', budget }
  return known({ ...told, effort, show: show === undefined ? undefined : show ? 'summarized' : 'omitted' })
}
