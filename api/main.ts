import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { connectDatabase } from '#activities/database.ts'
import { startRelay } from '#activities/gateway/relay/start.ts'
import { payloadStore } from '#activities/runs/store-payloads.ts'
import { createLog } from '#activities/log.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { keyRing, readEnv } from '#schemas/config.ts'
import { readPlatformModel } from '#schemas/gateway/platform-model.ts'
import { connectTemporal } from '#temporal/client.ts'
import { startTracing } from '#temporal/tracing.ts'
import { beat } from '#activities/system/heartbeat.ts'
import { lifecycle, aborted } from '#activities/lifecycle.ts'
import { createApp, createParts } from './app.ts'
import { apiEnv } from './config.ts'
import { drainable } from './drain.ts'
import { isForGateway } from './gateway/paths.ts'
import { tellOfRelay } from './gateway/figures.ts'
import { GatewayFigures } from './gateway/observe.ts'
import { serveGateway } from './gateway/serve.ts'

/** How long requests in flight may take to end once we are asked to stop, in ms. */
const drainTime = 10_000

const env = readEnv(apiEnv, process.env)
const log = createLog('api', env.AUTERITY_LOG)
const { stopping, ready } = lifecycle(log)
const stopTracing = await startTracing('api', env, log)
const keys = keyRing(env)
const db = connectDatabase({ databaseUrl: env.DATABASE_URL, key: env.AUTERITY_KEY, name: 'api', max: 16 })
const { AUTERITY_SUPERVISOR_URL: supervisorUrl, AUTERITY_SUPERVISOR_TOKEN: supervisorToken } = env
const deps = {
  db,
  temporal: connectTemporal({
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    apiKey: env.TEMPORAL_API_KEY,
    keys,
    payloads: payloadStore(db),
  }),
  seal: createSeal(keys),
  outgoing: createOutgoing({ allow: readAllowed(env.AUTERITY_OUTGOING_ALLOW) }),
  log,
  keys,
  url: env.AUTERITY_URL ?? `http://localhost:${env.AUTERITY_PORT}`,
  demo: env.AUTERITY_DEMO === '1',
  recheckEveryMs: 15_000,
  sandboxUrl: env.AUTERITY_SANDBOX_URL,
  platformModel: readPlatformModel(env),
  figures: new GatewayFigures(),
  supervisor:
    supervisorUrl === undefined || supervisorToken === undefined
      ? undefined
      : { url: supervisorUrl, token: supervisorToken },
}
const parts = createParts(deps)
const allow = readAllowed(env.AUTERITY_OUTGOING_ALLOW)
const relaying = startRelay({
  db,
  seal: deps.seal,
  platformModel: deps.platformModel,
  changes: parts.ear,
  allow,
  log,
  home: env.AUTERITY_HOME,
  observer: deps.figures,
})
tellOfRelay(relaying)
const screenRoot = fileURLToPath(new URL('../ui/build', import.meta.url))
const app = createApp({ ...deps, relay: relaying.relay }, parts, screenRoot)
const [gateway, rest] = [serveGateway(relaying.relay, log, deps), getRequestListener(app.fetch)]

const server = createServer((request, response) =>
  isForGateway(request.url) ? gateway(request, response) : void rest(request, response),
)
// longer than senders and proxies keep a quiet connection, so that none sends into one that ends just then
server.keepAliveTimeout = 75_000
const drain = drainable(server, drainTime)
server.listen(env.AUTERITY_PORT, env.AUTERITY_HOST)
await once(server, 'listening')
parts.system.start()
parts.ear.open()
const bye = beat(db, 'api', () => ({ viewers: parts.hub.viewers }))
ready({ port: (server.address() as AddressInfo).port })

await aborted(stopping)
parts.hub.stop()
parts.system.stop()
await drain()
await relaying.close()
await bye()
await stopTracing()
await db.close()
await deps.temporal.connection.close()
