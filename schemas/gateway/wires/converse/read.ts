import { readLabels } from '../chat/read.ts'
import type { AnswerFormat, CacheMark, Dialogue, JsonMembers, Tool, ToolChoice, Turn } from '../dialogue.ts'
import { bodyOf, isObject, known, Members, refuse } from '../members.ts'
import { markOf } from '../source.ts'
import { readBlocks } from './blocks.ts'

/** A client's `converse` body; which model, and whether it streams, stands in the address. */
export const readRequest = (body: unknown, address: { model: string; stream?: boolean }): Dialogue => {
  const members = bodyOf(body)
  const config = members.members('inferenceConfig') ?? new Members({})
  const tools = members.members('toolConfig')
  const system = members.list('system')
  const turns = members.need('messages').list.flatMap((place) => readMessage(place.members))
  if (system !== undefined) turns.unshift({ role: 'system', parts: readBlocks(system) })
  const dialogue = known({
    model: address.model,
    turns,
    tools: tools && readTools(tools),
    toolChoice: readChoice(tools?.members('toolChoice')),
    format: readFormat(members.members('outputConfig')?.members('textFormat')),
    maxTokens: config.number('maxTokens'),
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    stop: config.list('stopSequences')?.map((one) => one.text),
    stream: address.stream,
    metadata: readLabels(members.members('requestMetadata')),
    tier: members.members('serviceTier')?.text('type'),
  })
  const extra = members.rest('converse')
  return extra === undefined ? dialogue : { ...dialogue, extra }
}

const readMessage = (message: Members): Turn[] => {
  const role = message.need('role').oneOf('user', 'assistant')
  const parts = readBlocks(message.need('content').list)
  if (role === 'assistant') return [{ role, parts }]
  const turns: Turn[] = []
  for (const part of parts) {
    const own = part.type === 'tool_result' ? 'tool' : 'user'
    const before = turns.at(-1)
    if (before?.role === own) before.parts.push(part)
    else turns.push({ role: own, parts: [part] })
  }
  return turns
}

const readTools = (config: Members): Tool[] => {
  const tools: Tool[] = []
  for (const place of config.list('tools') ?? []) {
    const { value, ...tool } = { value: place.object, told: place.members.members('toolSpec') }
    const last = tools.at(-1)
    if (tool.told !== undefined) tools.push(readSpec(tool.told))
    else if (isObject(value['cachePoint']) && last?.type === 'function') last.cache = readMark(value['cachePoint'])
    else tools.push({ type: 'foreign', wire: 'converse', value })
  }
  return tools
}

const readMark = (point: JsonMembers): CacheMark => markOf(new Members(point).text('ttl'))

const readSpec = (told: Members): Tool =>
  known({
    type: 'function',
    name: told.need('name').text,
    description: told.text('description'),
    parameters: told.need('inputSchema').members.need('json').object,
    strict: told.flag('strict'),
    extra: told.rest('converse'),
  })

const readChoice = (choice: Members | undefined): ToolChoice | undefined => {
  if (choice === undefined) return undefined
  if (isObject(choice.value['tool'])) return { name: choice.need('tool').members.need('name').text }
  return choice.value['any'] === undefined ? 'auto' : 'required'
}

const readFormat = (format: Members | undefined): AnswerFormat | undefined => {
  if (format === undefined) return undefined
  format.need('type').oneOf('json_schema')
  const told = format.need('structure').members.need('jsonSchema').members
  const text = told.need('schema')
  let schema: unknown
  try {
    schema = JSON.parse(text.text)
  } catch {
    return refuse(text.path, 'must be a JSON schema as a text.')
  }
  if (!isObject(schema)) return refuse(text.path, 'must be a JSON schema as a text.')
  return known({ type: 'schema', schema, name: told.text('name'), description: told.text('description') })
}
