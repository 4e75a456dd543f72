import type { ProviderKind } from './kind.ts'
import { openai } from './openai.ts'

/** The pretended model of a platform that has none of its own; what it says costs nothing. */
export const sandbox: ProviderKind = {
  ...openai,
  title: 'Sandbox',
  about: 'A pretended model, which answers by rule: for trying things out.',
  baseUrl: null,
  probe: null,
  paths: { chat: '/chat/completions' },
  flex: null,
  prices: null,
}
