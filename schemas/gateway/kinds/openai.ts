import * as chat from '../wires/chat/index.ts'
import type { ProviderKind } from './kind.ts'

/** Beside texts. */
export const media = {
  moderations: '/moderations',
  images: '/images/generations',
  image_edits: '/images/edits',
  image_variations: '/images/variations',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  translations: '/audio/translations',
}

/** As of "Flex processing": reasoning models, by their plain names or dated ones. */
const flexible = /^(?:o3|o4-mini|gpt-5(?:\.\d+)?(?:-(?:mini|nano))?)(?:-\d{4}-\d{2}-\d{2})?$/

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
    ...media,
  },
  flex: { share: 0.5, fits: (model) => flexible.test(model) },
  wire: 'chat',
  path: () => '/chat/completions',
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.openai),
  probe: '/models',
  prices: 'openai',
}
