import type { Dialogue, Part, Role, Thinking, Tool, ToolChoice, Turn } from '../dialogue.ts'
import { bodyOf, known, type Members, type Place, refuse } from '../members.ts'
import { readContent, takeMark } from './blocks.ts'

/** A client's `messages` body. Members that it does not know travel along in `extra`. */
export const readRequest = (body: unknown): Dialogue => {
  const members = bodyOf(body)
  const model = members.need('model').text
  const maxTokens = members.need('max_tokens').number
  if (maxTokens < 0 || !Number.isInteger(maxTokens)) refuse('/max_tokens', 'must be a whole number.')
  const config = members.members('output_config')
  const choice = members.members('tool_choice')
  const parallel = choice?.flag('disable_parallel_tool_use')
  const tier = members.take('service_tier')?.oneOf('auto', 'standard_only')
  const turns = [...readSystem(members.take('system')), ...members.need('messages').list.flatMap(readMessage)]
  return known({
    model,
    turns,
    tools: members.list('tools')?.map(readTool),
    toolChoice: choice && readChoice(choice),
    parallelTools: parallel === undefined ? undefined : !parallel,
    format: config && readFormat(config),
    thinking: readThinking(members, config),
    maxTokens,
    temperature: members.number('temperature'),
    topP: members.number('top_p'),
    topK: members.number('top_k'),
    stop: members.list('stop_sequences')?.map((one) => one.text),
    stream: members.flag('stream'),
    user: members.members('metadata')?.text('user_id'),
    tier: tier === 'standard_only' ? 'default' : tier,
    extra: withConfig(members, config),
  })
}

/** `count_tokens` asks without saying how much may be answered. */
export const readCount = (body: unknown): Dialogue => {
  const { maxTokens: _, ...dialogue } = readRequest({ ...bodyOf(body).value, max_tokens: 0 })
  return dialogue
}

const withConfig = (members: Members, config: Members | undefined): Dialogue['extra'] => {
  const rest = members.rest('messages')
  const other = config?.rest('messages')
  if (other === undefined) return rest
  return { wire: 'messages', members: { ...rest?.members, output_config: other.members } }
}

const readFormat = (config: Members): Dialogue['format'] => {
  const format = config.members('format')
  if (format === undefined) return undefined
  format.need('type').oneOf('json_schema')
  return { type: 'schema', schema: format.need('schema').object }
}

const readThinking = (members: Members, config: Members | undefined): Thinking | undefined => {
  const effort = config?.take('effort')?.oneOf('low', 'medium', 'high', 'xhigh', 'max')
  const given = members.value['thinking'] as { type?: unknown } | undefined | null
  // a way of thinking that has no word here stays what only this wire knows
  const told = given?.type === 'between_tools' ? undefined : members.members('thinking')
  if (told === undefined) return effort && { effort }
  const type = told.need('type').oneOf('enabled', 'disabled', 'adaptive')
  const mode = ({ enabled: 'on', disabled: 'off', adaptive: 'auto' } as const)[type]
  const budget = type === 'enabled' ? told.need('budget_tokens').number : undefined
  return known({ mode, effort, budget, show: told.take('display')?.oneOf('summarized', 'omitted') })
}

const readTool = (place: Place): Tool => {
  const tool = place.members
  const type = tool.text('type')
  if (type !== undefined && type !== 'custom') return { type: 'foreign', wire: 'messages', value: tool.value }
  const name = tool.need('name').text
  const description = tool.text('description')
  const parameters = tool.need('input_schema').object
  const cache = takeMark(tool)
  const strict = tool.flag('strict')
  return known({ type: 'function', name, description, parameters, strict, cache, extra: tool.rest('messages') })
}

const readChoice = (choice: Members): ToolChoice => {
  const type = choice.need('type').oneOf('auto', 'any', 'tool', 'none')
  if (type === 'tool') return { name: choice.need('name').text }
  return type === 'any' ? 'required' : type
}

const readSystem = (system: Place | undefined): Turn[] => {
  const parts = system === undefined ? [] : readContent(system)
  return parts.length === 0 ? [] : [{ role: 'system', parts }]
}

/** Results of tools come in the user's messages here; each row of them is a turn. */
const readMessage = (place: Place): Turn[] => {
  const message = place.members
  const role: Role = message.need('role').oneOf('user', 'assistant', 'system')
  const parts = readContent(message.need('content'))
  const extra = message.rest('messages')
  if (role !== 'user' || !parts.some(({ type }) => type === 'tool_result')) return [known({ role, parts, extra })]
  const turns: Turn[] = []
  for (const part of parts) {
    const roleOfPart = roleOf(part)
    const before = turns.at(-1)
    if (before?.role === roleOfPart) before.parts.push(part)
    else turns.push({ role: roleOfPart, parts: [part] })
  }
  const last = turns.at(-1)
  if (extra !== undefined && last !== undefined) last.extra = extra
  return turns
}

const roleOf = (part: Part): Role => (part.type === 'tool_result' ? 'tool' : 'user')
