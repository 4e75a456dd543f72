import type { Db } from '#activities/database.ts'
import { score } from '#schemas/gateway/classifier/score.ts'
import type { Judge } from '#schemas/steering/facts.ts'

/** The most that are kept: each takes some 200 kB. */
const most = 200
const judges = new Map<string, Judge>()

/** The classifier that is in force at a tenant, made anew only where it is another one, or more or less is asked of it. */
export async function readJudge(system: Db, tenant: string): Promise<Judge | null> {
  const inForce = system.selectFrom('gateway_classifier').where('tenant_id', '=', tenant)
  const row = await inForce.select(['id', 'chosen']).where('in_force_since', 'is not', null).executeTakeFirst()
  if (row === undefined || row.chosen === null) return null
  const threshold = row.chosen.threshold ?? Infinity
  const name = `${row.id} ${threshold}`
  const known = judges.get(name)
  if (known !== undefined) return known
  const { model } = await inForce.select('model').where('id', '=', row.id).executeTakeFirstOrThrow()
  if (model === null) return null
  const judge: Judge = (said, task) => {
    const easy = score(model, said(), task)
    return { easy, suffices: easy >= threshold }
  }
  if (judges.size >= most) judges.delete(judges.keys().next().value as string)
  judges.set(name, judge)
  return judge
}
