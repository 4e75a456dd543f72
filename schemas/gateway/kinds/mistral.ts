import * as chat from '../wires/chat/index.ts'
import type { ProviderKind } from './kind.ts'
import { openai } from './openai.ts'

/** As of the Mistral AI API reference. It refuses members that it does not know, so what OpenAI's clients say is said in its words. */
export const mistral: ProviderKind = {
  ...openai,
  title: 'Mistral',
  about: 'Mistral, Magistral and Codestral models of Mistral AI.',
  baseUrl: 'https://api.mistral.ai/v1',
  paths: { embeddings: '/embeddings', transcriptions: '/audio/transcriptions' },
  // its events of a transcription are none of OpenAI's
  wholeOnly: ['transcriptions'],
  flex: null,
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.mistral),
  prices: 'mistral',
}
