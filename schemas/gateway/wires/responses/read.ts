import { readLabels } from '../chat/read.ts'
import type { AnswerFormat, Dialogue, JsonMembers, Thinking, Tool, ToolChoice } from '../dialogue.ts'
import { efforts } from '../dialogue.ts'
import { bodyOf, isObject, known, type Members, type Place } from '../members.ts'
import { readInput } from './items.ts'

/** A client's `responses` body. Members that it does not know travel along in `extra`. */
export const readRequest = (body: unknown): Dialogue => {
  const members = bodyOf(body)
  const instructions = members.text('instructions')
  const input = members.take('input')
  const said: Dialogue['turns'] = input === undefined ? [] : readInput(input)
  if (instructions !== undefined) said.unshift({ role: 'system', parts: [{ type: 'text', text: instructions }] })
  const text = members.members('text')
  const reasoning = members.members('reasoning')
  return known({
    model: members.need('model').text,
    turns: said,
    tools: members.list('tools')?.map(readTool),
    toolChoice: readChoice(members),
    parallelTools: members.flag('parallel_tool_calls'),
    format: readFormat(text?.members('format')),
    thinking: readThinking(reasoning),
    verbosity: text?.take('verbosity')?.oneOf('low', 'medium', 'high'),
    maxTokens: members.number('max_output_tokens'),
    temperature: members.number('temperature'),
    topP: members.number('top_p'),
    stream: members.flag('stream'),
    user: members.text('user'),
    metadata: readLabels(members.members('metadata')),
    tier: members.text('service_tier'),
    cacheKey: members.text('prompt_cache_key'),
    extra: withInner(members, { text, reasoning }),
  })
}

/** What is left inside `text` and `reasoning` is left there. */
const withInner = (members: Members, inner: Record<string, Members | undefined>): Dialogue['extra'] => {
  const left: JsonMembers = { ...members.rest('responses')?.members }
  for (const [key, one] of Object.entries(inner)) {
    const rest = one?.rest('responses')
    if (rest !== undefined) left[key] = rest.members
  }
  return Object.keys(left).length === 0 ? undefined : { wire: 'responses', members: left }
}

const readTool = (place: Place): Tool => {
  const tool = place.members
  if (tool.text('type') !== 'function') return { type: 'foreign', wire: 'responses', value: tool.value }
  return known({
    type: 'function',
    name: tool.need('name').text,
    description: tool.text('description'),
    parameters: tool.take('parameters')?.object,
    // here a tool is strict unless it says otherwise
    strict: tool.flag('strict') ?? true,
    extra: tool.rest('responses'),
  })
}

const readChoice = (members: Members): ToolChoice | undefined => {
  const given = members.value['tool_choice']
  if (typeof given === 'string') return members.need('tool_choice').oneOf('auto', 'none', 'required')
  if (!isObject(given) || given['type'] !== 'function') return undefined
  return { name: members.need('tool_choice').members.need('name').text }
}

const readFormat = (format: Members | undefined): AnswerFormat | undefined => {
  const type = format?.need('type').oneOf('text', 'json_object', 'json_schema')
  if (format === undefined || type === 'text') return undefined
  if (type === 'json_object') return { type: 'json' }
  return known({
    type: 'schema',
    name: format.need('name').text,
    description: format.text('description'),
    schema: format.need('schema').object,
    strict: format.flag('strict'),
  })
}

const readThinking = (reasoning: Members | undefined): Thinking | undefined => {
  const effort = reasoning?.take('effort')?.oneOf('none', ...efforts)
  const shown = reasoning?.value['summary'] === 'auto' && reasoning.take('summary') !== undefined
  if (effort === undefined && !shown) return undefined
  const told: Thinking = effort === undefined ? {} : effort === 'none' ? { mode: 'off' } : { mode: 'auto', effort }
  return shown ? { ...told, show: 'summarized' } : told
}
