import * as chat from '../wires/chat/index.ts'
import type { ProviderKind } from './kind.ts'
import { media, openai } from './openai.ts'

/** What servers of open models have. */
export const texts = { chat: '/chat/completions', completions: '/completions', embeddings: '/embeddings' }

/** Whatever speaks OpenAI's wire: a hosted one, a model trained here. */
export const compatible: ProviderKind = {
  ...openai,
  title: 'OpenAI-compatible',
  about: 'Any other server that speaks OpenAI’s wire, hosted or your own.',
  baseUrl: null,
  address: 'http://gpu-1:8000/v1',
  key: 'optional',
  headers: (key) => (key === null ? {} : { authorization: `Bearer ${key}` }),
  paths: { ...texts, ...media },
  flex: null,
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.vllm),
  prices: null,
}
