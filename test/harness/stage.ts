import { readFile } from 'node:fs/promises'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { semantics, type Definition } from '#schemas/automation/definition.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import type { Call } from '#schemas/automation/call.ts'
import type { AutomationEnd, AutomationRun } from '#schemas/automation/run.ts'
import type { ChildStart } from '#schemas/automation/engine/host.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import { connectTemporal } from '#temporal/client.ts'
import { dataConverter } from '#temporal/converter.ts'
import { queues, workflowTypes } from '#temporal/names.ts'
import { buildIdOf, deploymentOf, makeCurrent } from '#workers/versions.ts'
import { faultsToFailures } from '#workers/failures.ts'
import { createLog } from '#activities/log.ts'
import { testKey } from './database.ts'
import { testNamespace } from './platform.ts'

/** Activities that a test makes up, by the names under which nodes call them. */
export type StageActivities = Record<string, (call: Call<JsonObject>) => Promise<unknown>>
export type Play = Partial<Omit<AutomationRun, 'definition' | 'input'>> & {
  input?: JsonObject
  /** The automations that it may start, by handle. */
  around?: Record<string, Definition>
}

export type Stage = AsyncDisposable & {
  client: Client
  /** Replaces the workers by those of another version. */
  upgrade(): Promise<void>
  /** Starts a run of this definition. */
  play(definition: Definition, more?: Play): Promise<WorkflowHandle<(run: AutomationRun) => Promise<AutomationEnd>>>
}

/**
 * Real workers with this workflow code, that of the test run when none is given, in a namespace of their own. What
 * `befalls` does comes before a step begins another run.
 */
export async function openStage(
  activities: StageActivities,
  workflows?: { code: string },
  befalls: (call: Call<JsonObject>) => void = () => {},
): Promise<Stage> {
  const address = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']
  const bundle = process.env['AUTERITY_WORKFLOW_BUNDLE']
  if (address === undefined || bundle === undefined) throw new Error('Nothing is set up: run tests through `npm test`.')
  const namespace = await testNamespace(address)
  const client = connectTemporal({ address, namespace, keys: [testKey] })
  const connection = await NativeConnection.connect({ address })
  const code = workflows?.code ?? (await readFile(bundle, 'utf8'))
  const played = new Map<string, { definition: Definition; around: Record<string, Definition> }>()
  /** Pages of a loop are runs of the same definition; other children those that it was played with. */
  const requestChild = async (call: Call<JsonObject>) => {
    befalls(call)
    const { start, parent } = call as unknown as { start: ChildStart; parent: AutomationRun | null }
    const run = newId('run')
    const known = played.get(call.origin)
    const definition = known?.definition ?? null
    if ('page' in start)
      return { run, input: { ...parent, definition, run, page: start.page, parent: call.run }, summary: 'Page' }
    const child = known?.around[start.automation]
    if (child === undefined) throw new Fault('not_published')
    const more = { parent: call.run, depth: Number(call['depth']) + 1, origin: call.origin }
    return { run, input: stageRun(run, child, start.input, more), summary: start.automation }
  }
  const stage = { requestChild, ...activities }
  /** Workers of this version on every queue, and the version that new and open runs go on with. */
  const serve = async (version: string) => {
    const buildId = await buildIdOf({ code: version })
    const workers = await Promise.all(
      Object.values(queues).map((taskQueue) =>
        Worker.create({
          connection,
          namespace,
          taskQueue,
          activities: stage,
          interceptors: { activity: [(context) => ({ inbound: faultsToFailures(context) })] },
          dataConverter: dataConverter([testKey]),
          workerDeploymentOptions: deploymentOf(buildId),
          ...(taskQueue === queues.main ? { workflowBundle: { code: version } } : {}),
        }),
      ),
    )
    const running = Promise.all(workers.map((worker) => worker.run()))
    const log = createLog('stage', 'error')
    await makeCurrent(connection, { namespace, buildId, log }, new AbortController().signal)
    return async () => {
      for (const worker of workers) worker.shutdown()
      await running
    }
  }
  let close = await serve(code)
  return {
    client,
    play(definition, { input = {}, around = {}, ...more } = {}) {
      const run = newId('run')
      const asked = stageRun(run, definition, input, more)
      played.set(asked.origin, { definition, around })
      return client.workflow.start(workflowTypes.automation, {
        taskQueue: queues.main,
        workflowId: asked.run,
        args: [asked],
      })
    },
    async upgrade() {
      const old = close
      // in front: behind the code stands its source map, which the SDK reads to the end
      close = await serve(`/* another version */${code}`)
      await old()
    },
    async [Symbol.asyncDispose]() {
      await close()
      await connection.close()
      await client.connection.close()
    },
  }
}

/** The input of a run that is on no platform. */
export const stageRun = (
  run: string,
  definition: Definition,
  input: JsonObject,
  more: Partial<AutomationRun>,
): AutomationRun => ({
  tenant: 'tnt_test',
  run,
  origin: run,
  automation: 'aut_test',
  handle: 'test',
  name: definition.name,
  version: '0'.repeat(64),
  number: 1,
  semantics,
  definition,
  input,
  startedAt: new Date().toISOString(),
  depth: 0,
  parent: null,
  ...more,
})
