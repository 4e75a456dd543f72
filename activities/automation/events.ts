import { storable, withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { Call } from '#schemas/automation/call.ts'
import type { Json } from '#schemas/automation/json.ts'
import { awaitEvent } from './store-events.ts'

type AwaitCall = Call<{ type: string; key: string; earlier: boolean }>

export const eventActivities = ({ db }: Pick<Deps, 'db'>) => ({
  /** Lets a step listen for events of a type and key, and gives those that came since its run began. */
  'events.await': ({ tenant, run, step, type, key, earlier }: AwaitCall): Promise<Json> =>
    withTenant(db, { tenant }, (tx) => awaitEvent(tx, { tenant, run, step, type, key: storable(key), earlier })),
})
