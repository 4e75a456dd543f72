import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { plainBooks } from '#activities/gateway/relay/books.ts'
import { createRelay } from '#activities/gateway/relay/index.ts'
import { createUpstream } from '#activities/gateway/relay/upstream.ts'
import { noModels, type Models } from '#activities/gateway/store-known.ts'
import { createLog } from '#activities/log.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { serveGateway } from '#api/gateway/serve.ts'
import { keyless } from '#activities/gateway/relay/keyless.ts'

/** Ours without governance: one caller and one route that are known from the beginning, and nothing is written down. */
const caller = keyless('bench')
const baseUrl = process.env['BENCH_UPSTREAM'] ?? ''
const provider = {
  name: 'bench',
  kind: 'compatible',
  baseUrl,
  enabled: true,
  shared: false,
  keys: [{ id: 'k', secret: 'sk-bench' }],
} as const
const models: Models = {
  ...noModels,
  providers: new Map([['bench', provider]]),
  routes: new Map([['fast', { targets: [targetOf('bench', 'gpt-5-mini')], routing: usualRouting }]]),
}
const log = createLog('bench', 'error')
const relay = createRelay({
  knowledge: { caller: () => caller, models: () => models },
  upstream: createUpstream({ allow: readAllowed('127.0.0.1/32') }),
  books: plainBooks(() => {}),
  answers: null,
  changed: () => {},
  log,
})
const server = createServer(serveGateway(relay, log))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.({ port: (server.address() as AddressInfo).port })
