import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow'

/** The floor: what the plain SDK takes for the same steps, written by hand. It stands beside ours in one bundle. */
export { automation } from '#workflows/index.ts'

const options = { startToCloseTimeout: '20s' } as const
type Step = Record<string, (call: { n: number }) => Promise<unknown>>
const step = proxyActivities<Step>(options)['code.run'] as Step[string]

export async function bareLine(steps: number): Promise<void> {
  for (let n = 0; n < steps; n++) await step({ n })
}

export async function bareForEach(items: number): Promise<void> {
  await Promise.all(Array.from({ length: items }, (_, n) => step({ n })))
}

setWorkflowOptions({ versioningBehavior: 'PINNED' }, bareLine)
setWorkflowOptions({ versioningBehavior: 'PINNED' }, bareForEach)
