import type { Dialogue } from '#schemas/gateway/wires/dialogue.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import * as messages from '#schemas/gateway/wires/messages/index.ts'
import type { Asked } from './asked.ts'
import { speeches } from './speech.ts'
import { readDialogue, reading } from './translate.ts'

const dialogues = new WeakMap<Uint8Array, Dialogue | Failure>()

/** What is asked, read once however many want to know; null for what only its own wire can say. */
export function dialogueOf(asked: Asked): Dialogue | Failure | null {
  const known = dialogues.get(asked.bytes)
  if (known !== undefined) return known
  const dialogue = readAny(asked)
  if (dialogue !== null) dialogues.set(asked.bytes, dialogue)
  return dialogue
}

const readAny = (asked: Asked): Dialogue | Failure | null => {
  if (asked.operation === 'count_tokens') return reading(asked, messages.readCount)
  const { spoken } = speeches[asked.operation]
  return spoken === null ? null : readDialogue(asked, spoken)
}
