import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import type { Log } from '#activities/log.ts'
import type { DeliveredEvent } from '#schemas/automation/run.ts'
import { messages } from '#temporal/names.ts'
import { claimDeliveries, settleDelivery, type Delivery } from './store-events.ts'

export type DeliverDeps = { db: Databases; temporal: Client; log: Log }

/**
 * Tells waiting runs what came for them, each in the order it came. Gives true when there may be more at once. What
 * breaks off between telling and writing that down is told again; the run knows it by its id.
 */
export async function deliverRound({ db, temporal, log }: DeliverDeps): Promise<boolean> {
  const claimed = await claimDeliveries(db)
  const toRuns = Map.groupBy(claimed, ({ run }) => run)
  const told = await Promise.allSettled(
    [...toRuns.values()].map(async (deliveries) => {
      for (const delivery of deliveries) if (await tell(temporal, delivery)) await settleDelivery(db, delivery)
    }),
  )
  const failures = told.filter((result) => result.status === 'rejected')
  if (failures[0] !== undefined)
    log.warn('events could not be told to runs; they are tried again', {
      runs: failures.length,
      error: String(failures[0].reason),
    })
  return claimed.length > 0 && failures.length < toRuns.size
}

/** False where the run is not there yet: it is told when it is. */
const tell = async (temporal: Client, { run, step, id, data, open }: Delivery): Promise<boolean> => {
  try {
    await temporal.workflow.getHandle(run).signal(messages.deliver, { step, id, data } satisfies DeliveredEvent)
    return true
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
    return !open
  }
}
