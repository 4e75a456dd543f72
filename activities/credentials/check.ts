import type { Deps } from '#activities/deps.ts'
import type { Checked, Purpose } from '#schemas/credentials.ts'
import { isFault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { openCredential } from './vault.ts'

const refused = new Set([401, 403, 407])

/** Makes one GET request with a credential, and tells how it was answered; what the answer holds is not looked at. */
export async function checkCredential(
  deps: Pick<Deps, 'db' | 'seal' | 'outgoing'>,
  ctx: Pick<Context, 'tenant'>,
  { ref, url, purpose }: { ref: string; url: string; purpose: Purpose },
): Promise<Checked> {
  try {
    const { sign } = await openCredential(deps, ctx, { ref, purpose }, url)
    const { status } = await deps.outgoing({ method: 'GET', url, sign, timeoutMs: 10_000 })
    const outcome = refused.has(status) ? 'refused' : 'accepted'
    return { outcome, status, said: `${new URL(url).host} answered ${status}.` }
  } catch (error) {
    if (!isFault(error) || !['connector_refused', 'connector_unavailable', 'address_refused'].includes(error.code))
      throw error
    const { status } = error.extra
    const outcome = error.code === 'connector_refused' ? 'refused' : 'unreachable'
    return { outcome, status: typeof status === 'number' ? status : null, said: error.message }
  }
}
