import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker'

/** Bundles the workflow code; a process does it once, a test run shares one. */
export const bundleWorkflows = (): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '../workflows/index.ts'),
    workflowInterceptorModules: [join(import.meta.dirname, '../workflows/tracing.ts')],
    logger: new DefaultLogger('WARN'),
  })
