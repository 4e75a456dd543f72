import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { setTitle } from '#activities/runs/store.ts'
import { parseLeadBytes } from '#schemas/leads/index.ts'
import { platformAlias } from '#schemas/gateway/platform-model.ts'
import type { ReadLead } from '#schemas/leads/run.ts'
import type { RunScope } from '#schemas/runs.ts'
import { titleOf } from '#schemas/leads/title.ts'
import { leadBodyOfRun } from './store.ts'

/** Reads the lead that the run was started for, and gives the run its title. */
export const readLead = async (
  { db, gateway, connectors }: Pick<Deps, 'db' | 'gateway' | 'connectors'>,
  scope: RunScope,
): Promise<ReadLead> => {
  const isSandbox = connectors.sandbox || (await gateway.isSandbox(scope.tenant, platformAlias))
  return await withTenant(db, scope, async (tx) => {
    const { body, contentType } = await leadBodyOfRun(tx, scope.run)
    const { lead, notes } = parseLeadBytes(body, contentType)
    const title = titleOf(lead)
    await setTitle(tx, scope.run, title, isSandbox)
    return { lead, title, notes: notes.length }
  })
}
