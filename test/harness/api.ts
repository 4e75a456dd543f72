import { plainBooks } from '#activities/gateway/relay/books.ts'
import { createRelay, type Relay } from '#activities/gateway/relay/index.ts'
import { createUpstream } from '#activities/gateway/relay/upstream.ts'
import { noModels } from '#activities/gateway/store-known.ts'
import { createSeal } from '#activities/seal.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createLog } from '#activities/log.ts'
import type { ApiDeps } from '#api/deps.ts'
import { GatewayFigures } from '#api/gateway/observe.ts'
import { connectTemporal } from '#temporal/client.ts'
import { testKey, type TestDatabase } from './database.ts'

/** One through which nobody answers; `startRelay` makes those that do. */
const silentRelay = (): Relay =>
  createRelay({
    knowledge: { caller: () => null, models: () => noModels },
    upstream: createUpstream({ allow: readAllowed() }),
    books: plainBooks(() => {}),
    answers: null,
    changed: () => {},
    log: createLog('test', 'error'),
  })

/** What an API of a test is made with. Temporal is connected to when first used, so a test without it needs none. */
export const testApiDeps = ({ db }: TestDatabase, over: Partial<ApiDeps> = {}): ApiDeps => ({
  db,
  temporal: connectTemporal({
    address: process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
    namespace: 'default',
    keys: [testKey],
  }),
  seal: createSeal([testKey]),
  outgoing: createOutgoing({ allow: readAllowed() }),
  log: createLog('test', 'error'),
  keys: [testKey],
  url: 'http://localhost:4700',
  demo: false,
  recheckEveryMs: 15_000,
  sandboxUrl: undefined,
  platformModel: null,
  relay: silentRelay(),
  figures: new GatewayFigures(),
  supervisor: undefined,
  ...over,
})
