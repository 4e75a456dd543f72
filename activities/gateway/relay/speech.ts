import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import * as chat from '#schemas/gateway/wires/chat/index.ts'
import { readUsage as readChatUsage } from '#schemas/gateway/wires/chat/reply.ts'
import * as completions from '#schemas/gateway/wires/completions/index.ts'
import type { StreamWriter } from '#schemas/gateway/wires/change.ts'
import type { Dialogue, Reply, Usage, Written } from '#schemas/gateway/wires/dialogue.ts'
import type { Failure } from '#schemas/gateway/wires/failure.ts'
import type { Wire } from '#schemas/gateway/wires/index.ts'
import { bodyOf } from '#schemas/gateway/wires/members.ts'
import * as wire from '#schemas/gateway/wires/media/index.ts'
import * as messages from '#schemas/gateway/wires/messages/index.ts'
import { readUsage as readMessagesUsage } from '#schemas/gateway/wires/messages/reply.ts'
import * as responses from '#schemas/gateway/wires/responses/index.ts'
import { readUsage as readResponsesUsage } from '#schemas/gateway/wires/responses/reply.ts'
import { ChatStream } from './stream-chat.ts'
import { MediaStream } from './stream-media.ts'
import { MessagesStream } from './stream-messages.ts'
import { ResponsesStream } from './stream-responses.ts'
import { refuseChat, refuseMessages, type Refusal } from './refusal.ts'
import type { Stream } from './stream.ts'

/** A wire as its callers speak it, so far as it can be said on others. */
export type Spoken = {
  readRequest(body: unknown): Dialogue
  writeReply(reply: Reply): Written
  streamWriter(asked: { usage: boolean }): StreamWriter
}

/** How callers ask for a thing, and how they are told. */
export type Speech = {
  /** How they are told that it failed. */
  refuse: (of: Failure) => Refusal
  /** The header that tells them the id of their request. */
  id: 'x-request-id' | 'request-id'
  /** Their headers that are meant for the provider, where that speaks their wire. */
  headers: readonly string[]
  /** What a provider of their wire says: why it refuses, in a stream, and of what it used. */
  readError: Wire['readError']
  stream(tellsUsage: boolean): Stream
  readUsage: (usage: unknown) => Partial<Usage>
  /** How it is said to providers of other wires; null for what only this one has. */
  spoken: Spoken | null
}

const openai = {
  refuse: refuseChat,
  id: 'x-request-id',
  headers: [],
  readError: chat.readError,
  stream: (tellsUsage: boolean) => new ChatStream(tellsUsage),
  readUsage: (usage: unknown) => readChatUsage(bodyOf(usage)),
} as const

const readMediaUsage = (usage: unknown) => wire.readUsage(bodyOf(usage))
const readImage = (usage: unknown) => wire.readImageUsage(bodyOf(usage))
const readSpeech = (usage: unknown) => wire.readSpeechUsage(bodyOf(usage))

const anthropic = {
  refuse: refuseMessages,
  id: 'request-id',
  headers: ['anthropic-version', 'anthropic-beta'],
  readError: messages.readError,
  stream: () => new MessagesStream(),
  readUsage: (usage: unknown) => readMessagesUsage(bodyOf(usage)),
} as const

const media = { ...openai, stream: () => new MediaStream(readMediaUsage), readUsage: readMediaUsage, spoken: null }
const image = { ...media, stream: () => new MediaStream(readImage), readUsage: readImage }

export const speeches: Readonly<Record<Operation, Speech>> = {
  chat: { ...openai, spoken: chat },
  completions: { ...openai, spoken: completions },
  embeddings: { ...openai, spoken: null },
  responses: {
    ...openai,
    stream: () => new ResponsesStream(),
    readUsage: (usage) => readResponsesUsage(bodyOf(usage)),
    spoken: responses,
  },
  messages: { ...anthropic, spoken: messages },
  count_tokens: { ...anthropic, spoken: null },
  moderations: media,
  images: image,
  image_edits: image,
  image_variations: image,
  speech: { ...media, stream: () => new MediaStream(readSpeech), readUsage: readSpeech },
  transcriptions: media,
  translations: media,
}
