import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { NativeConnection, WorkerOptions } from '@temporalio/worker'
import { pause } from '#activities/lifecycle.ts'
import type { Log } from '#activities/log.ts'
import { queues } from '#temporal/names.ts'

type WorkflowBundleOption = NonNullable<WorkerOptions['workflowBundle']>

/** The name under which Temporal knows our workers; their version is the hash of the workflow code they carry. */
const deployment = 'auterity'

/** The version of workflow code: its hash. */
export const buildIdOf = async (bundle: WorkflowBundleOption): Promise<string> => {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8')
  return createHash('sha256').update(code).digest('hex').slice(0, 16)
}

/** What makes a worker one of a version of ours. */
export const deploymentOf = (buildId: string): NonNullable<WorkerOptions['workerDeploymentOptions']> => ({
  version: { deploymentName: deployment, buildId },
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'AUTO_UPGRADE',
})

/**
 * Sends new runs, and open ones at their next step, to this version: once Temporal has heard all its queues poll, or
 * a step could be sent to a queue that does not belong to the version yet, and wait there. The workers go on polling
 * while Temporal is too busy to take it in: a worker that gave up would take its steps with it.
 */
export const makeCurrent = async (
  connection: NativeConnection,
  { namespace, buildId, log }: { namespace: string; buildId: string; log: Log },
  gone: AbortSignal,
): Promise<void> => {
  const { workflowService } = connection
  const heard = async (): Promise<boolean> => {
    const deploymentVersion = { deploymentName: deployment, buildId }
    const reply = await workflowService
      .describeWorkerDeploymentVersion({ namespace, deploymentVersion })
      .catch(() => null)
    const polling = new Set(reply?.versionTaskQueues?.map((queue) => queue.name))
    return Object.values(queues).every((queue) => polling.has(queue))
  }
  const ask = {
    namespace,
    deploymentName: deployment,
    buildId,
    ignoreMissingTaskQueues: true,
    identity: 'auterity worker',
  }
  let faults = 0
  while (!gone.aborted) {
    try {
      if (await heard()) return void (await workflowService.setWorkerDeploymentCurrentVersion(ask))
    } catch (error) {
      if (faults++ === 0)
        log.warn('Temporal does not send runs to this version yet; asking again', { buildId, error: String(error) })
    }
    await pause(Math.min(50 * 2 ** faults, 2000), gone)
  }
}
