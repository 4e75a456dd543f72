import { hostname } from 'node:os'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import { cachedSteps } from './cached.ts'
import { payloadStore } from '#activities/runs/store-payloads.ts'
import { createActivities } from '#activities/index.ts'
import type { Deps } from '#activities/deps.ts'
import type { Log } from '#activities/log.ts'
import { dataConverter } from '#temporal/converter.ts'
import { queues, type Queue } from '#temporal/names.ts'
import { AttemptReporter } from './attempts.ts'
import { faultsToFailures } from './failures.ts'
import { traceActivity, traceSinks } from './tracing.ts'
import { buildIdOf, deploymentOf, makeCurrent } from './versions.ts'

export type RunWorkers = {
  address: string
  namespace: string
  apiKey?: string | undefined
  keys: readonly [string, ...string[]]
  deps: Deps
  log: Log
  workflows: NonNullable<WorkerOptions['workflowBundle']>
  identity?: string
}

/** How many activities of a queue one process runs at once: by what the other side can take. */
const concurrency: Record<Queue, number> = { main: 100, connectors: 40, ai: 20 }

/**
 * Workers of all queues in this process: workflows and light activities on `main`, one activity worker for each
 * other queue. `run` calls `serving` when runs are sent to them, and resolves once `stop` was called and all have drained.
 */
export async function createWorkers(
  options: RunWorkers,
): Promise<{ run(serving: () => void): Promise<void>; stop(): void }> {
  const { address, namespace, keys, deps, log, workflows } = options
  const identity = options.identity ?? `${process.pid}@${hostname()}`
  const connection = await NativeConnection.connect({
    address,
    grpcCompression: { codec: 'none' },
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey, tls: true }),
  })
  const buildId = await buildIdOf(workflows)
  const reporter = new AttemptReporter(deps.db, log)
  const activities = createActivities(deps)
  const workerOf = (taskQueue: Queue) =>
    Worker.create({
      connection,
      namespace,
      identity,
      taskQueue,
      activities,
      dataConverter: dataConverter(keys, payloadStore(deps.db)),
      workerDeploymentOptions: deploymentOf(buildId),
      maxConcurrentActivityTaskExecutions: concurrency[taskQueue],
      // for so long a run waits for the process that knew it, before another reads its history: a decision must not
      // wait longer than its decider does
      stickyQueueScheduleToStartTimeout: '3s',
      // what is not over by then is handed back; shorter than what a supervisor or Kubernetes waits
      shutdownGraceTime: '10s',
      sinks: traceSinks,
      interceptors: {
        activity: [
          (context) => ({ inbound: traceActivity(context) }),
          (context) => ({ inbound: reporter.interceptor(context, identity) }),
          (context) => ({ inbound: faultsToFailures(context) }),
          () => ({ inbound: cachedSteps(deps.db) }),
        ],
      },
      ...(taskQueue === queues.main ? { workflowBundle: workflows, maxCachedWorkflows: 500 } : {}),
    })
  const workers = await Promise.all(Object.values(queues).map(workerOf))
  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  return {
    stop,
    run: async (serving) => {
      const over = new AbortController()
      const running = Promise.all(workers.map((worker) => worker.run())).finally(() => over.abort())
      // how they ended is looked at below, once this version is current or they are over
      running.catch(() => {})
      try {
        await makeCurrent(connection, { namespace, buildId, log }, over.signal)
        if (!over.signal.aborted) serving()
        await running
      } finally {
        await reporter.flush()
        await connection.close()
      }
    },
  }
}
