import * as chat from '../wires/chat/index.ts'
import type { ProviderKind } from './kind.ts'
import { openai } from './openai.ts'

/** As of "Azure OpenAI in Microsoft Foundry Models v1 API". A model goes by the name of its deployment. */
export const azure: ProviderKind = {
  ...openai,
  title: 'Azure OpenAI',
  about: 'Models of OpenAI in your Azure, called by their deployments.',
  baseUrl: null,
  address: 'https://{resource}.openai.azure.com/openai/v1',
  paths: {
    chat: '/chat/completions',
    responses: '/responses',
    completions: '/completions',
    embeddings: '/embeddings',
    images: '/images/generations',
    image_edits: '/images/edits',
    speech: '/audio/speech',
    transcriptions: '/audio/transcriptions',
    translations: '/audio/translations',
  },
  flex: null,
  headers: (key) => ({ 'api-key': key ?? '' }),
  write: (dialogue) => chat.writeRequest(dialogue, chat.chatQuirks.azure),
  prices: 'azure',
}
