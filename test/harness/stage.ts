import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker'
import { connectTemporal } from '#temporal/client.ts'
import { dataConverter } from '#temporal/converter.ts'
import { testKey } from './database.ts'

export type Stage = AsyncDisposable & {
  client: Client
  /** Starts one of the workflows of `stories.ts`. */
  play(story: 'undo' | 'steps', ...args: unknown[]): Promise<WorkflowHandle>
}

/** A real worker with the small workflows of `stories.ts`, and these activities, on a queue of its own. */
export async function openStage(activities: Record<string, (...args: never[]) => Promise<unknown>>): Promise<Stage> {
  const address = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']
  if (address === undefined) throw new Error('AUTERITY_TEST_TEMPORAL_ADDRESS is not set: run tests through `npm test`.')
  const taskQueue = `stage-${randomBytes(6).toString('hex')}`
  const client = connectTemporal({ address, namespace: 'default', keys: [testKey] })
  const connection = await NativeConnection.connect({ address })
  const worker = await Worker.create({
    connection,
    taskQueue,
    activities,
    dataConverter: dataConverter([testKey]),
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('stories.ts', import.meta.url)),
      logger: new DefaultLogger('WARN'),
    }),
  })
  const running = worker.run()
  return {
    client,
    play: (story, ...args) =>
      client.workflow.start(story, { taskQueue, workflowId: `${story}-${randomBytes(6).toString('hex')}`, args }),
    async [Symbol.asyncDispose]() {
      worker.shutdown()
      await running
      await connection.close()
      await client.connection.close()
    },
  }
}
