import type { ProviderKind } from './kind.ts'

/** As of the OpenAI API reference: "Error codes" and "Authentication". */
export const openai: ProviderKind = {
  title: 'OpenAI',
  about: 'GPT models, embeddings, images and audio of OpenAI.',
  baseUrl: 'https://api.openai.com/v1',
  key: 'needed',
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  paths: { chat: '/chat/completions', embeddings: '/embeddings' },
  prices: 'openai',
  failures: {
    insufficient_quota: 'auth',
    invalid_api_key: 'auth',
    model_not_found: 'not_found',
    context_length_exceeded: 'context_length',
    content_filter: 'content_policy',
    content_policy_violation: 'content_policy',
    rate_limit_exceeded: 'rate_limited',
  },
}
