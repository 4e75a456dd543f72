import { readFile } from 'node:fs/promises'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { codePool } from '#activities/automation/code-pool.ts'
import { connect } from '#activities/connectors/connect.ts'
import { connectDatabase } from '#activities/database.ts'
import { createGateway } from '#activities/gateway/complete.ts'
import { startRelay } from '#activities/gateway/relay/start.ts'
import { Ear } from '#activities/live/ear.ts'
import { createAnswers } from '#activities/gateway/store-answers.ts'
import { payloadStore } from '#activities/runs/store-payloads.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { createLog } from '#activities/log.ts'
import { createOutgoing } from '#activities/outgoing.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { bundleWorkflows } from './bundle.ts'
import { keyRing, readEnv } from '#schemas/config.ts'
import { readPlatformModel } from '#schemas/gateway/platform-model.ts'
import { connectorConfig, workerEnv } from './config.ts'
import { beat } from '#activities/system/heartbeat.ts'
import { aborted, lifecycle, pause } from '#activities/lifecycle.ts'
import { startTracing } from '#temporal/tracing.ts'
import { createWorkers } from './worker.ts'

const env = readEnv(workerEnv, process.env)
const log = createLog('worker', env.AUTERITY_LOG)
const { stopping, ready } = lifecycle(log)
const stopTracing = await startTracing('worker', env, log)

Runtime.install({
  shutdownSignals: [],
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    // said of each queue that has activities only, as it should be
    if (message.startsWith('No workflows registered')) return
    log[level === 'ERROR' ? 'error' : 'warn'](message, { ...meta })
  }),
})

const db = connectDatabase({ databaseUrl: env.DATABASE_URL, key: env.AUTERITY_KEY, name: 'worker', max: 10 })
const seal = createSeal(keyRing(env))
const allow = readAllowed(env.AUTERITY_OUTGOING_ALLOW)
const ear = new Ear(db)
ear.open()
const relaying = startRelay({
  db,
  seal,
  platformModel: readPlatformModel(env),
  changes: ear,
  allow,
  log,
  home: env.AUTERITY_HOME,
})
const deps = {
  db,
  seal,
  connectors: connect(connectorConfig(env)),
  url: env.AUTERITY_URL,
  gateway: createGateway({ relay: relaying.relay, answers: createAnswers(db, seal) }),
  relay: relaying.relay,
  models: (tenant: string) => relaying.relay.knowledge.models(tenant),
  runCode: codePool().run,
  payloads: new PayloadReader(keyRing(env), payloadStore(db)),
  outgoing: createOutgoing({ allow }),
}
const workflows =
  env.AUTERITY_WORKFLOW_BUNDLE === undefined
    ? await bundleWorkflows()
    : { code: await readFile(env.AUTERITY_WORKFLOW_BUNDLE, 'utf8') }

/** Temporal may be away at the start, or for longer than the SDK waits: come back until asked to stop. */
while (!stopping.aborted) {
  try {
    const workers = await createWorkers({
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      apiKey: env.TEMPORAL_API_KEY,
      keys: keyRing(env),
      deps,
      log,
      workflows,
    })
    const bye = beat(db, 'worker')
    const running = workers.run(ready)
    void aborted(stopping).then(() => workers.stop())
    try {
      await running
    } finally {
      await bye()
    }
  } catch (error) {
    log.warn('the workers stopped; starting them again', { error: String(error) })
    await pause(1000, stopping)
  }
}
await relaying.close()
ear.close()
await stopTracing()
await db.close()
