import type { SaidPart } from '#schemas/gateway/bodies.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { parsed } from '#schemas/gateway/wires/ending.ts'
import { turnsOf } from './conversation.ts'

/** What a request says, as a judge reads it; null where not all of it is text, so that a judge could not see it. */
export function questionText(operation: Operation, body: string): string | null {
  const turns = turnsOf(operation, 'asked', body)
  if (turns === null) return promptOf(body)
  const texts = turns.map(({ by, parts }) => {
    const said = parts.map(partText)
    return said.includes(null) ? null : `[${by}]\n${said.join('\n')}`
  })
  return texts.length === 0 || texts.includes(null) ? null : texts.join('\n\n')
}

/** Of the older wire, which has no turns. */
const promptOf = (body: string): string | null => {
  const prompt = (parsed(body) as { prompt?: unknown } | undefined)?.prompt
  return typeof prompt === 'string' ? prompt : null
}

const partText = (part: SaidPart): string | null => {
  if (part.kind === 'text' || part.kind === 'refusal') return part.text
  if (part.kind === 'thought') return ''
  if (part.kind === 'call') return `(calls ${part.name} with ${part.arguments})`
  return part.kind === 'result' ? part.text : null
}
