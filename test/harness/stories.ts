import { isCancellation, proxyActivities, sleep } from '@temporalio/workflow'
import { Saga } from '#workflows/saga.ts'
import { inNode, step } from '#workflows/step.ts'

/** Small workflows in which the blocks of `workflows/` are tested, on a real worker. */
export type Outside = { note(line: string): Promise<void> }

const { note } = proxyActivities<Outside>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } })

/** Does three things that can be undone, of which the second refuses to be; then `ends` as asked. */
export async function undo(ends: 'failed' | 'settled' | 'cancelled'): Promise<void> {
  const saga = new Saga()
  for (const name of ['first', 'refuse', 'last']) saga.add(name, (why) => note(`${name}: ${why}`))
  if (ends === 'settled') saga.settle()
  try {
    await note('done')
    if (ends === 'cancelled') await sleep('1 hour')
  } catch (error) {
    if (!isCancellation(error)) throw error
    await saga.compensate('cancelled')
    throw error
  }
  await saga.compensate(ends)
}

/** A step with all that a step may say of itself, and one with the least; then a wait that belongs to a node. */
export async function steps(): Promise<string> {
  const scope = { tenant: 'tnt', run: 'run' }
  const read = await step(
    'readLead',
    { startToCloseTimeout: '10s', node: 'read', iteration: 2, title: 'Read the lead', about: 'again' },
    scope,
  )
  await step('withdrawApproval', { startToCloseTimeout: '10s', node: 'approval', title: 'Withdraw' }, scope)
  await inNode('wait', 'Wait a little', () => sleep(1), 3)
  return read.title
}
