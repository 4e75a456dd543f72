import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger, type BundleOptions, type WorkflowBundle } from '@temporalio/worker'

const root = join(import.meta.dirname, '..')

/**
 * The engine and what it walks with: the same for every run, and nothing of a run is kept in it but what its expressions
 * compile to. A run starts 10 ms sooner when it need not load them anew.
 */
const shared = ['schemas/automation/engine/engine.ts', 'schemas/automation/kinds/index.ts']

/** The syntax that Node knows by itself: the SDK would write `{ ...a }` out as a loop. */
const syntax = 'es2022'

type Webpack = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]

const withSyntax = (config: Webpack): Webpack => {
  const rules = config.module?.rules ?? []
  const swc = rules.flatMap((rule) => (isSwc(rule) ? [rule.use.options.jsc] : []))
  if (swc.length !== 1) throw new Error('The SDK bundles workflow code in another way than before.')
  for (const jsc of swc) jsc.target = syntax
  return config
}

type Swc = { use: { options: { jsc: { target: string } } } }
const isSwc = (rule: unknown): rule is Swc => JSON.stringify(rule)?.includes('"jsc"') ?? false

/** Bundles the workflow code; a process does it once, a test run shares one. */
export const bundleWorkflows = (workflowsPath = join(root, 'workflows/index.ts')): Promise<WorkflowBundle> =>
  bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [join(root, 'workflows/tracing.ts')],
    preloadModules: shared.map((module) => join(root, module)),
    webpackConfigHook: withSyntax,
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
