import * as chat from '../wires/chat/index.ts'
import type { ProviderKind } from './kind.ts'
import { openai } from './openai.ts'

/** Whatever speaks OpenAI's wire: vLLM, Ollama, LM Studio, a model trained here. */
export const compatible: ProviderKind = {
  ...openai,
  title: 'OpenAI-compatible',
  about: 'Any server that speaks OpenAI’s wire: vLLM, Ollama, LM Studio, a hosted one.',
  baseUrl: null,
  key: 'optional',
  headers: (key) => (key === null ? {} : { authorization: `Bearer ${key}` }),
  paths: { chat: '/chat/completions', completions: '/completions', embeddings: '/embeddings' },
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.vllm),
  prices: null,
}
