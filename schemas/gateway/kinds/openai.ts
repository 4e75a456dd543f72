import * as chat from '../wires/chat/index.ts'
import type { ProviderKind } from './kind.ts'

/** As of the OpenAI API reference: "Error codes" and "Authentication". */
export const openai: ProviderKind = {
  title: 'OpenAI',
  about: 'GPT models, embeddings, images and audio of OpenAI.',
  baseUrl: 'https://api.openai.com/v1',
  address: null,
  key: 'needed',
  aboutKey: null,
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  paths: {
    chat: '/chat/completions',
    responses: '/responses',
    completions: '/completions',
    embeddings: '/embeddings',
  },
  wire: 'chat',
  path: () => '/chat/completions',
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.openai),
  probe: '/models',
  prices: 'openai',
}
