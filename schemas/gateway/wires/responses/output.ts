import type { JsonMembers, Part, RefusalPart, TextPart, ThinkingPart, ToolCallPart } from '../dialogue.ts'
import { known } from '../members.ts'
import { sealText } from '../seal.ts'

/** The items of an answer, and which parts each is made of: texts side by side are one message, a thought by its id one item. */
export type Output =
  | { type: 'message'; parts: (TextPart | RefusalPart)[] }
  | { type: 'reasoning'; id: string | undefined; parts: ThinkingPart[] }
  | { type: 'function_call'; part: ToolCallPart }
  | { type: 'other'; part: Part }

const phaseOf = (part: TextPart | RefusalPart): unknown =>
  part.extra?.wire === 'responses' ? part.extra.members['phase'] : undefined

/** Whether a part belongs into the item that came before it. */
export const joins = (item: Output | undefined, part: Part): boolean => {
  if (item?.type === 'message' && (part.type === 'text' || part.type === 'refusal')) {
    const [first] = item.parts
    return first !== undefined && phaseOf(first) === phaseOf(part)
  }
  return item?.type === 'reasoning' && part.type === 'thinking' && item.id !== undefined && item.id === part.id
}

export const begun = (part: Part): Output => {
  if (part.type === 'text' || part.type === 'refusal') return { type: 'message', parts: [part] }
  if (part.type === 'thinking') return { type: 'reasoning', id: part.id, parts: [part] }
  return part.type === 'tool_call' ? { type: 'function_call', part } : { type: 'other', part }
}

export const itemsOf = (parts: readonly Part[]): Output[] => {
  const items: Output[] = []
  for (const part of parts) {
    const last = items.at(-1)
    if (joins(last, part) && last !== undefined && 'parts' in last) (last.parts as Part[]).push(part)
    else items.push(begun(part))
  }
  return items
}

export const contentOf = (part: TextPart | RefusalPart): JsonMembers => {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text }
  const { phase: _, ...more } = part.extra?.wire === 'responses' ? part.extra.members : {}
  return { type: 'output_text', text: part.text, annotations: [], ...more }
}

type Status = 'in_progress' | 'completed'

export const messageItem = (id: string, parts: readonly (TextPart | RefusalPart)[], status: Status): JsonMembers => {
  const [first] = parts
  const phase = first && phaseOf(first)
  const content = status === 'completed' ? parts.map(contentOf) : []
  return known({ id, type: 'message', status, role: 'assistant', content, phase })
}

/** `own`: a seal of this wire as it is, of another one marked as such. */
export const reasoningItem = (id: string, parts: readonly ThinkingPart[]): JsonMembers => {
  const summary = parts.filter((part) => part.summary).map(({ text }) => ({ type: 'summary_text', text }))
  const told = parts.filter((part) => !part.summary && !part.hidden && part.text !== '')
  const content = told.map(({ text }) => ({ type: 'reasoning_text', text }))
  const seal = parts.find((part) => part.seal !== undefined)?.seal
  return known({
    id,
    type: 'reasoning',
    summary,
    content: content.length === 0 ? undefined : content,
    encrypted_content: seal === undefined ? undefined : sealText(seal, 'responses', parts[0]?.id),
  })
}

export const callItem = (id: string, part: ToolCallPart, status: Status): JsonMembers => ({
  id,
  type: 'function_call',
  status,
  call_id: part.id,
  name: part.name,
  arguments: part.arguments,
})

const prefixes = { message: 'msg', reasoning: 'rs', function_call: 'fc', other: 'it' }

/** The ids of items are made of the answer's and of their place in it; a thought keeps its own. */
export const idOf = (reply: string, item: Output, index: number): string =>
  (item.type === 'reasoning' ? item.id : undefined) ?? `${prefixes[item.type]}_${reply}_${index}`
