import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { findTenant } from '#activities/tenancy/store.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { ReplayRun } from '#schemas/steering/replays.ts'
import { newTally } from '#schemas/steering/tally.ts'
import type { InForce } from '#schemas/steering/together.ts'
import { Replaying } from './replay.ts'
import { documentOf, documentsInForce } from './store-known.ts'
import { closeReplay, mediansIn, nextRecorded, saveTally, takeReplay, type ReplayRow } from './store-replays.ts'

/** How many requests are worked out at a go. */
const atOnce = 1000

const ctxOf = (row: ReplayRow): Context => ({
  tenant: row.tenant_id,
  actor: {
    kind: 'user',
    id: row.asked_by,
    ...(row.asked_by_name === null ? {} : { name: row.asked_by_name }),
  },
  scopes: [],
})

export const steeringActivities = ({ db, models: modelsOf }: Pick<Deps, 'db' | 'models'>) => ({
  /**
   * Works out the next requests of a replay, and keeps what they came to with how far it is, so that another try counts none
   * twice. Gives whether there is more to do.
   */
  replaySome: async ({ replay, tenant }: ReplayRun): Promise<boolean> => {
    const models = await modelsOf(tenant)
    return withTenant(db, { tenant }, async (tx) => {
      const row = await takeReplay(tx, { tenant }, replay)
      const requests = row.state === 'running' ? await nextRecorded(tx, { tenant }, row, atOnce) : []
      const last = requests.at(-1)
      if (last === undefined) {
        await closeReplay(tx, ctxOf(row), replay, 'completed')
        return false
      }
      const mine: InForce = { policy: row.policy_id, number: row.number, document: documentOf(row.text) }
      const others = async (key: string | null) => [
        ...(await documentsInForce(tx, tenant, key)).filter(({ policy }) => policy !== row.policy_id),
        mine,
      ]
      const told = { id: tenant, name: (await findTenant(tx, tenant))?.name ?? '' }
      const replaying = new Replaying(models, told, await mediansIn(tx, { tenant }, row), others)
      const tally = row.tally ?? newTally()
      for (const request of requests) await replaying.add(tally, request)
      await saveTally(tx, row, tally, last.id, requests.length)
      return true
    })
  },
})
