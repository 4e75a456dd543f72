import { withTenant, type Tx } from '#activities/database.ts'
import { readAsked } from '#activities/gateway/relay/asked.ts'
import { modelsNow, tryAsked, tryRecorded } from '#activities/gateway/relay/trial.ts'
import { callerBy, findKept, ownTags, recordedOf } from '#activities/steering/store-asked.ts'
import { documentsInForce } from '#activities/steering/store-known.ts'
import { readText, soundDocument } from '#activities/steering/store-versions.ts'
import { findTenant } from '#activities/tenancy/store.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault } from '#schemas/errors.ts'
import { RecordedFacts } from '#schemas/steering/recorded.ts'
import type { InForce } from '#schemas/steering/together.ts'
import type { trialRoutes } from '#schemas/steering/trials.ts'
import type { Context } from '#schemas/tenancy.ts'

/** What would be in force for a key if this text of a policy were. */
const underText = async (
  tx: Tx,
  ctx: Context,
  { policy, version, text }: { policy: string; version: string; text: string | undefined },
  key: string | null,
): Promise<InForce[]> => {
  const kept = await readText(tx, ctx, policy, version)
  const document = await soundDocument(tx, ctx, text ?? kept.text)
  const number = text === undefined ? kept.number : null
  const others = await documentsInForce(tx, ctx.tenant, key)
  return [...others.filter((one) => one.policy !== policy), { policy, number, document }]
}

export const trialHandlers = (deps: ApiDeps): Handlers<typeof trialRoutes> => ({
  'POST /v1/steering/policies/:policy/test': async ({ ctx, params, body }) => {
    const { version, text, request } = body
    const which = { policy: params.policy, version, text }
    const read = await withTenant(deps.db, ctx, async (tx) => {
      const tenant = { id: ctx.tenant, name: (await findTenant(tx, ctx.tenant))?.name ?? '' }
      await readText(tx, ctx, params.policy, 'draft')
      if ('recorded' in request) {
        const row = await findKept(tx, ctx, request.recorded)
        return { tenant, row, rules: await underText(tx, ctx, which, row.key_id) }
      }
      const caller = await callerBy(tx, ctx, request.key)
      return { tenant, caller, request, rules: await underText(tx, ctx, which, caller.key) }
    })
    const models = await modelsNow(deps.db.system, ctx.tenant, deps)
    if ('row' in read) {
      const { tenant, row, rules } = read
      return tryRecorded(models, rules, new RecordedFacts(tenant, recordedOf(row)), {
        model: row.asked,
        tags: ownTags(row),
      })
    }
    const { operation, body: asked, headers } = read.request
    const given = readAsked(operation, Buffer.from(JSON.stringify(asked)))
    if ('why' in given)
      throw new Fault('invalid', given.why, { issues: [{ path: '/body/request/body', message: given.why }] })
    const told = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    return tryAsked(models, read.rules, read.tenant, read.caller, { ...given, told })
  },
})
