import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker'

/** Bundles the workflow code; a process does it once, a test run shares one. */
export const bundleWorkflows = (): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '../workflows/index.ts'),
    workflowInterceptorModules: [join(import.meta.dirname, '../workflows/tracing.ts')],
    logger: new DefaultLogger('WARN'),
  })

/** Bundles it into a file for `AUTERITY_WORKFLOW_BUNDLE`; who reads the file has the whole bundle, this one or the last. */
const writeBundle = async (file: string): Promise<void> => {
  const { code } = await bundleWorkflows()
  await writeFile(`${file}.new`, code)
  await rename(`${file}.new`, file)
}

if (import.meta.main) {
  const file = process.env['AUTERITY_WORKFLOW_BUNDLE']
  if (file === undefined) throw new Error('AUTERITY_WORKFLOW_BUNDLE has to name the file to write.')
  await writeBundle(file)
}
