import type { Failure } from '#schemas/gateway/wires/failure.ts'
import * as messages from '#schemas/gateway/wires/messages/index.ts'
import type { Asked } from './asked.ts'
import { estimatedTokens } from './estimate.ts'
import { reading } from './translate.ts'

/** How many tokens a question is, where no provider of its models counts them: about so many, and the answer says so. */
export function countHere(asked: Asked): { body: string } | Failure {
  const dialogue = reading(asked, messages.readCount)
  if ('class' in dialogue) return dialogue
  return { body: JSON.stringify({ input_tokens: estimatedTokens(dialogue), estimated: true }) }
}
