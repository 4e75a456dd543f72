import { withTenant, type Tx } from '#activities/database.ts'
import { decideQuarantine, findBody, findReceipt, listReceipts } from '#activities/ingress/store.ts'
import { addSource, endSecret, listSources, rotateSecret, type NewSecret } from '#activities/ingress/store-sources.ts'
import { Fault, isFault } from '#schemas/errors.ts'
import type { ingressRoutes, Source } from '#schemas/ingress.ts'
import { parseLeadBytes } from '#schemas/leads/index.ts'
import type { Context } from '#schemas/tenancy.ts'
import { findTenant } from '#activities/tenancy/store.ts'
import type { Handlers } from '../contract.ts'
import type { ApiDeps } from '../deps.ts'
import { generateSecret } from './signature.ts'

export function ingressHandlers({ db, seal, url }: ApiDeps): Handlers<typeof ingressRoutes> {
  const hookUrls = async (tx: Tx, ctx: Context) => {
    const tenant = await findTenant(tx, ctx.tenant)
    return (source: string) => `${url}/hooks/${tenant?.slug ?? ctx.tenant}/${source}`
  }
  const sourceById = async (tx: Tx, ctx: Context, id: string): Promise<Source> => {
    const urls = await hookUrls(tx, ctx)
    const { items } = await listSources(tx, ctx, urls, { limit: 200 })
    const found = items.find((source) => source.id === id)
    if (found === undefined) throw new Fault('not_found')
    return found
  }
  const newSecret = (publicKey: string | undefined): NewSecret =>
    publicKey === undefined ? { kind: 'hmac', text: generateSecret() } : { kind: 'ed25519', text: publicKey }
  const shown = (secret: NewSecret) => (secret.kind === 'hmac' ? secret.text : null)

  return {
    'GET /v1/receipts/:receipt': async ({ ctx, params }) => {
      const { receipt, status, run, error } = await withTenant(db, ctx, (tx) => findReceipt(tx, ctx, params.receipt))
      return { receipt, status, run, error }
    },
    'GET /v1/receipts/:receipt/detail': ({ ctx, params }) =>
      withTenant(db, ctx, async (tx) => {
        const row = await findReceipt(tx, ctx, params.receipt)
        const kept = await findBody(tx, params.receipt)
        return {
          ...row,
          contentType: kept?.contentType ?? '',
          body: kept === null ? null : kept.body.toString('utf8'),
          ...(kept === null ? { notes: [], lead: null } : readAgain(kept.body, kept.contentType)),
        }
      }),
    'GET /v1/receipts': ({ ctx, query }) => withTenant(db, ctx, (tx) => listReceipts(tx, ctx, query)),
    'POST /v1/receipts/:receipt/release': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => decideQuarantine(tx, ctx, params.receipt, 'release')),
    'POST /v1/receipts/:receipt/discard': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => decideQuarantine(tx, ctx, params.receipt, 'discard')),
    'GET /v1/sources': ({ ctx, query }) =>
      withTenant(db, ctx, async (tx) => listSources(tx, ctx, await hookUrls(tx, ctx), query)),
    'POST /v1/sources': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => {
        const secret = newSecret(body.publicKey)
        const id = await addSource(tx, ctx, seal, body.name, secret)
        return keep(tx, { source: await sourceById(tx, ctx, id), secret: shown(secret) })
      }),
    'POST /v1/sources/:source/rotate': ({ ctx, params, body, keep }) =>
      withTenant(db, ctx, async (tx) => {
        const secret = newSecret(body.publicKey)
        const retiresAt = new Date(Date.now() + body.overlapHours * 3_600_000)
        await rotateSecret(tx, ctx, seal, params.source, secret, retiresAt)
        return keep(tx, { source: await sourceById(tx, ctx, params.source), secret: shown(secret) })
      }),
    'DELETE /v1/sources/:source/secrets/:secret': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => endSecret(tx, ctx, params.source, params.secret))
      return null
    },
  }
}

/** What the parser makes of a kept body now; one that it no longer reads shows why. */
const readAgain = (body: Buffer, contentType: string) => {
  try {
    const { lead, notes } = parseLeadBytes(body, contentType)
    return { lead, notes: notes.map((note) => ({ ...note, line: note.line ?? 0, column: note.column ?? 0 })) }
  } catch (error) {
    if (!isFault(error)) throw error
    return { lead: null, notes: [{ code: error.code, message: error.message, line: 0, column: 0 }] }
  }
}
