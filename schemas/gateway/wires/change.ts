import type { Extra, ForeignPart, Part, Seal, Stop, Usage } from './dialogue.ts'
import type { Failure } from './failure.ts'

/**
 * One step of an answer that comes bit by bit. It begins once; parts open with what is known of them, grow and close;
 * each choice stops for a reason; usage replaces what was told of it before. The last is `end`, or `error` where the answer
 * did not come to its proper end. Nothing follows it.
 */
export type Change =
  | { type: 'begin'; id: string; model: string; created?: number; tier?: string; usage?: Partial<Usage>; extra?: Extra }
  | { type: 'open'; choice: number; part: number; is: OpenPart }
  | { type: 'grow'; choice: number; part: number; text: string }
  | { type: 'seal'; choice: number; part: number; seal: Seal }
  | { type: 'remark'; choice: number; part: number; extra: Extra }
  | { type: 'close'; choice: number; part: number }
  | { type: 'logprobs'; choice: number; logprobs: unknown }
  | { type: 'stop'; choice: number; stop: Stop; sequence?: string; extra?: Extra }
  | { type: 'usage'; usage: Partial<Usage>; tier?: string }
  | { type: 'end' }
  | { type: 'error'; failure: Failure }

/** A part as it opens: text, thoughts, refusals and arguments grow from there, the others are whole. */
export type OpenPart = Exclude<Part, { type: 'tool_result' | 'document' }> | ForeignPart

/** Reads the events of one stream. After `end` or `error` it gives nothing more. */
export type StreamReader = {
  read(event: ServerEvent): Change[]
  /** The bytes have ended: a stream that had not come to its end by then was cut. */
  finish(): Change[]
}

/** Writes changes as the events of one stream, in the order that its clients count on. */
export type StreamWriter = { write(change: Change): ServerEvent[] }

/** A server-sent event: its name where the wire gives one. */
export type ServerEvent = { event?: string; data: string }

/** Whether an event said nothing but the usage: what is taken out again for who had not asked for it. */
export const saysOnlyUsage = (changes: readonly Change[]): boolean =>
  changes.length > 0 && changes.every(({ type }) => type === 'usage')

/** The event as the bytes of a stream carry it. */
export const frame = ({ event, data }: ServerEvent): string =>
  event === undefined ? `data: ${data}\n\n` : `event: ${event}\ndata: ${data}\n\n`
