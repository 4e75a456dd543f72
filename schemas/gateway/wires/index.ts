import * as chat from './chat/index.ts'
import * as converse from './converse/index.ts'
import * as gemini from './gemini/index.ts'
import * as messages from './messages/index.ts'
import * as responses from './responses/index.ts'
import type { ErrorReader, Failure, FailureAnswer } from './failure.ts'
import type { StreamReader, StreamWriter } from './change.ts'
import type { Dialogue, Reply, WireName, Written } from './dialogue.ts'

/** Where a request goes tells what some wires leave out of its body. */
export type Address = { model: string; stream?: boolean }

/** What every wire can do, both ways; each has more of its own in its folder. */
export type Wire = {
  readRequest(body: unknown, address: Address): Dialogue
  writeRequest(dialogue: Dialogue): Written
  readReply(body: unknown): Reply
  writeReply(reply: Reply): Written
  streamReader(): StreamReader
  streamWriter(asked: { usage: boolean }): StreamWriter
  readError: ErrorReader
  writeError(of: Failure): FailureAnswer
}

/** The wires that are spoken in both directions. `completions` is one that clients alone speak. */
export const wires = { chat, messages, responses, gemini, converse } as const satisfies Partial<Record<WireName, Wire>>

/** Those that a provider may be asked on. */
export type WireOut = keyof typeof wires
