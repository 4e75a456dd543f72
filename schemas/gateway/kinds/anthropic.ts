import * as messages from '../wires/messages/index.ts'
import type { ProviderKind } from './kind.ts'

/**
 * As of the Claude API reference: "Messages" and "Versions". What is translated is said in the version in which older models still
 * take sampling; who asks on its own wire says which version they mean.
 */
export const anthropic: ProviderKind = {
  title: 'Anthropic',
  about: 'Claude models of Anthropic.',
  baseUrl: 'https://api.anthropic.com/v1',
  address: null,
  key: 'needed',
  aboutKey: null,
  headers: (key) => ({ 'x-api-key': key ?? '', 'anthropic-version': '2023-06-01' }),
  paths: { messages: '/messages', count_tokens: '/messages/count_tokens' },
  keepsMarked: () => true,
  wire: 'messages',
  path: () => '/messages',
  write: (dialogue) => messages.writeRequest(dialogue),
  flex: null,
  probe: '/models',
  prices: 'anthropic',
}
