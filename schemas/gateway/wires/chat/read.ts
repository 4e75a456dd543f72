import type {
  AnswerFormat,
  Dialogue,
  Part,
  Role,
  Thinking,
  Tool,
  ToolChoice,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../dialogue.ts'
import { efforts } from '../dialogue.ts'
import { bodyOf, isObject, known, type Members, type Place, refuse } from '../members.ts'
import { readContent, takeMark } from './parts.ts'
import { readThoughts } from './thoughts.ts'

/** A client's `chat/completions` body. Members that it does not know travel along in `extra`. */
export const readRequest = (body: unknown): Dialogue => {
  const members = bodyOf(body)
  const model = members.need('model').text
  const turns = readTurns(members.need('messages').list)
  const options = members.members('stream_options')
  return known({
    model,
    turns,
    tools: readTools(members),
    toolChoice: readChoice(members),
    parallelTools: members.flag('parallel_tool_calls'),
    format: readFormat(members.members('response_format')),
    thinking: readThinking(members),
    verbosity: members.take('verbosity')?.oneOf('low', 'medium', 'high'),
    maxTokens: atLeastOne(members, 'max_completion_tokens') ?? atLeastOne(members, 'max_tokens'),
    temperature: members.number('temperature'),
    topP: members.number('top_p'),
    topK: members.number('top_k'),
    stop: readStop(members.take('stop')),
    seed: members.number('seed'),
    presencePenalty: members.number('presence_penalty'),
    frequencyPenalty: members.number('frequency_penalty'),
    choices: atLeastOne(members, 'n'),
    logprobs: readLogprobs(members),
    stream: members.flag('stream'),
    streamUsage: options?.flag('include_usage'),
    user: members.text('user'),
    metadata: readLabels(members.members('metadata')),
    tier: members.text('service_tier'),
    cacheKey: members.text('prompt_cache_key'),
    extra: withOptions(members, options),
  })
}

const atLeastOne = (members: Members, key: string): number | undefined => {
  const given = members.number(key)
  return given !== undefined && (given < 1 || !Number.isInteger(given))
    ? refuse(members.at(key), 'must be a whole number of at least 1.')
    : given
}

const withOptions = (members: Members, options: Members | undefined): Dialogue['extra'] => {
  const rest = members.rest('chat')
  const other = options?.rest('chat')
  if (other === undefined) return rest
  return { wire: 'chat', members: { ...rest?.members, stream_options: other.members } }
}

export const readStop = (stop: Place | undefined): string[] | undefined =>
  typeof stop?.value === 'string' ? [stop.value] : stop?.list.map((one) => one.text)

const readLogprobs = (members: Members): number | undefined => {
  const asked = members.flag('logprobs')
  const others = members.number('top_logprobs')
  return asked === true ? (others ?? 0) : undefined
}

export const readLabels = (labels: Members | undefined): Record<string, string> | undefined =>
  labels && Object.fromEntries(Object.keys(labels.value).map((key) => [key, labels.need(key).text]))

const readThinking = (members: Members): Thinking | undefined => {
  const effort = members.take('reasoning_effort')?.oneOf('none', ...efforts)
  if (effort === undefined) return undefined
  return effort === 'none' ? { mode: 'off' } : { mode: 'auto', effort }
}

const readFormat = (format: Members | undefined): AnswerFormat | undefined => {
  if (format === undefined) return undefined
  const type = format.need('type').oneOf('text', 'json_object', 'json_schema')
  if (type === 'text') return undefined
  if (type === 'json_object') return { type: 'json' }
  const told = format.need('json_schema').members
  return known({
    type: 'schema',
    name: told.need('name').text,
    description: told.text('description'),
    schema: told.take('schema')?.object ?? {},
    strict: told.flag('strict'),
  })
}

const readTools = (members: Members): Tool[] | undefined => {
  const tools = members.list('tools')?.map((place): Tool => {
    const tool = place.members
    if (tool.text('type') !== 'function') return { type: 'foreign', wire: 'chat', value: tool.value }
    return readFunction(tool.need('function').members, tool)
  })
  // the way before tools: functions by themselves
  const functions = members.list('functions')?.map((place) => readFunction(place.members, place.members))
  return tools === undefined ? functions : [...tools, ...(functions ?? [])]
}

const readFunction = (told: Members, tool: Members): Tool => {
  const cache = takeMark(tool)
  return known({
    type: 'function',
    name: told.need('name').text,
    description: told.text('description'),
    parameters: told.take('parameters')?.object,
    strict: told.flag('strict'),
    cache,
    extra: told === tool ? undefined : tool.rest('chat'),
  })
}

const readChoice = (members: Members): ToolChoice | undefined => {
  const given = members.value['tool_choice'] ?? members.value['function_call']
  const key = members.value['tool_choice'] == null ? 'function_call' : 'tool_choice'
  if (typeof given === 'string') {
    const word = members.need(key).oneOf('auto', 'none', 'required', 'any')
    return word === 'any' ? 'required' : word
  }
  if (!isObject(given))
    return members.take(key) === undefined ? undefined : refuse(members.at(key), 'must be a text or an object.')
  if (given['type'] === 'function')
    return { name: members.need(key).members.need('function').members.need('name').text }
  if (key === 'function_call') return { name: members.need(key).members.need('name').text }
  // a choice among custom or several tools stays what only this wire knows
  return undefined
}

const readTurns = (messages: Place[]): Turn[] => {
  const turns: Turn[] = []
  for (const place of messages) {
    const message = place.members
    const role = message.need('role').oneOf('system', 'developer', 'user', 'assistant', 'tool', 'function')
    if (role !== 'tool' && role !== 'function') {
      turns.push(readMessage(message, role))
      continue
    }
    const before = turns.at(-1)
    const result = readResult(message, role)
    if (before?.role === 'tool') before.parts.push(result)
    else turns.push({ role: 'tool', parts: [result] })
  }
  return turns
}

const readResult = (message: Members, role: 'tool' | 'function'): ToolResultPart => {
  const call = role === 'tool' ? message.need('tool_call_id').text : functionId(message.need('name').text)
  const content = message.take('content')
  const parts = (content === undefined ? [] : readContent(content)) as ToolResultPart['parts']
  const cache = takeMark(message)
  return known({ type: 'tool_result', call, parts, cache, extra: role === 'tool' ? message.rest('chat') : undefined })
}

const functionId = (name: string): string => `function_${name}`

const readMessage = (message: Members, role: Exclude<Role, 'tool'>): Turn => {
  const content = message.take('content')
  if (content === undefined && role !== 'assistant') refuse(message.at('content'), 'is missing.')
  const parts: Part[] = role === 'assistant' ? readThoughts(message) : []
  if (content !== undefined && (role !== 'assistant' || content.value !== '')) parts.push(...readContent(content))
  const cache = takeMark(message)
  const last = parts.at(-1)
  if (cache !== undefined && last !== undefined && !('cache' in last)) Object.assign(last, { cache })
  if (role === 'assistant') {
    const refusal = message.text('refusal')
    if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal })
    parts.push(...readCalls(message))
  }
  return known({ role, parts, extra: message.rest('chat') })
}

/** The calls of a message, in its order. */
export const readCalls = (message: Members): Part[] => {
  const calls = message.list('tool_calls')?.map((place): Part => {
    const call = place.members
    const type = call.text('type')
    if (type !== undefined && type !== 'function') return { type: 'foreign', wire: 'chat', value: call.value }
    const told = call.need('function').members
    call.take('index')
    return known({
      type: 'tool_call',
      id: call.need('id').text,
      name: told.need('name').text,
      arguments: readArguments(told.take('arguments')),
      seal: takeSeal(call),
      extra: call.rest('chat'),
    })
  })
  const old = message.members('function_call')
  if (old === undefined) return calls ?? []
  const name = old.need('name').text
  return [...(calls ?? []), { type: 'tool_call', id: functionId(name), name, arguments: old.text('arguments') ?? '' }]
}

/** Ollama and some others give the arguments as an object. */
export const readArguments = (given: Place | undefined): string =>
  given === undefined ? '' : isObject(given.value) ? JSON.stringify(given.value) : given.text

/** Google puts the signature of a thought here, on the call that came of it. */
export const takeSeal = (call: Members): ToolCallPart['seal'] => {
  const signature = call.members('extra_content')?.members('google')?.text('thought_signature')
  return signature === undefined ? undefined : { wire: 'gemini', data: signature }
}
