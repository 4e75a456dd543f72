import { errorBody as chatError } from '#schemas/gateway/wires/chat/failure.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { known } from '#schemas/gateway/wires/members.ts'
import { writeError } from '#schemas/gateway/wires/messages/failure.ts'

/** How a failure is told: the status, and the body as text. */
export type Refusal = { status: number; body: string }

/** In the words of OpenAI's wires. */
export const refuseChat = (of: Failure): Refusal => {
  const { error } = chatError(of)
  return { status: of.status, body: JSON.stringify({ error: { ...error, code: of.code ?? error.code } }) }
}

/** In those of Anthropic's; its clients know an overload by a status of its own. */
export const refuseMessages = (of: Failure): Refusal => {
  const { status, body } = writeError(of)
  return { status: of.class === 'overloaded' ? status : of.status, body: JSON.stringify(body) }
}

/** What a provider of another wire said, without its own words for it: who asked knows those of theirs. */
export const inOtherWords = ({ class: of, message, param, retryAfter }: Failure): Failure =>
  failure(of, message, known({ param, retryAfter }))
