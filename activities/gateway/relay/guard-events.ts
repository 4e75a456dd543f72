import type { JsonMembers } from '#schemas/gateway/wires/dialogue.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import type { Guarding } from './guard-sink.ts'
import { ChatEvents } from './guard-chat.ts'
import { MessagesEvents } from './guard-messages.ts'
import { ResponsesEvents } from './guard-responses.ts'

/**
 * The events of a stream on their way to who asked. `rewrite` changes an event where it stands; what it gives is said before it,
 * since it was held back until then. `rest` is what is held when no more events come.
 */
export type Events = {
  rewrite(event: JsonMembers): { before: readonly JsonMembers[]; changed: boolean }
  rest(): readonly JsonMembers[]
}

export const eventsOf = (operation: Operation, guarding: Guarding): Events => {
  if (operation === 'messages') return new MessagesEvents(guarding)
  return operation === 'responses'
    ? new ResponsesEvents(guarding)
    : new ChatEvents(guarding, operation === 'completions')
}
