import type { Tx } from '#activities/database.ts'
import { findBody } from '#activities/ingress/store.ts'
import { Fault } from '#schemas/errors.ts'

/** The bytes a run was started with: the webhook's body, or the lead given to the API. */
export async function leadBodyOfRun(tx: Tx, run: string): Promise<{ body: Buffer; contentType: string }> {
  const request = await tx
    .selectFrom('run_request')
    .select(['input', 'receipt_id'])
    .where('run_id', '=', run)
    .executeTakeFirst()
  if (request === undefined) throw new Fault('not_found', `There is no request of run ${run}.`)
  if (request.receipt_id !== null) {
    const found = await findBody(tx, request.receipt_id)
    if (found !== null) return found
    throw new Fault('not_found', 'The body of this lead is no longer kept.')
  }
  return { body: Buffer.from(JSON.stringify(request.input['lead'])), contentType: 'application/json' }
}
