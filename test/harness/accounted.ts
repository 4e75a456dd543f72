import type { Accounted } from '#activities/gateway/relay/account.ts'
import { newId } from '#schemas/ids.ts'

/** A request to a model that went well. */
export const accounted: Accounted = {
  id: newId('modelRequest'),
  tenant: '',
  at: Date.now(),
  key: null,
  operation: 'chat',
  asked: 'fast',
  alias: 'fast',
  provider: 'openai',
  kind: 'openai',
  model: 'gpt-5-mini',
  stream: false,
  outcome: 'ok',
  status: 200,
  failure: null,
  error: null,
  tokens: { input: 1000, cached: 500, cacheWrite: 0, output: 100, reasoning: 20 },
  estimated: false,
  firstByteMs: 400,
  totalMs: 900,
  overheadMs: 0.4,
  attempts: [{ provider: 'openai', model: 'gpt-5-mini', at: 0.2, ms: 899 }],
  lost: [],
  tags: {},
  run: null,
}
