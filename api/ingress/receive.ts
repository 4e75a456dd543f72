import { hash } from 'node:crypto'
import type { Context } from 'hono'
import { acceptBatch, type Accepted, type Incoming } from '#activities/ingress/store-accept.ts'
import { Fault } from '#schemas/errors.ts'
import { maxBodyBytes, type Acceptance } from '#schemas/ingress.ts'
import { parseLeadBytes } from '#schemas/leads/index.ts'
import { titleOf } from '#schemas/leads/title.ts'
import { annotate, traceparent } from '#temporal/tracing.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { readBody } from '../body.ts'
import { GroupCommit } from './group-commit.ts'
import { verifySignature } from './signature.ts'
import { sourceLookup } from './sources.ts'

/**
 * `POST /hooks/:tenant/:source`: verifies the signature on the raw bytes, checks that a lead can be read from them,
 * and answers 202 with the receipt only after the body is committed. Nothing is started here.
 */
export function receiveHook(deps: ApiDeps): (c: Context<ApiEnv, '/hooks/:tenant/:source'>) => Promise<Response> {
  const findSource = sourceLookup(deps)
  const inbox = new GroupCommit<Incoming, Accepted>((batch) => acceptBatch(deps.db, batch))
  return async (c) => {
    const { tenant, source: name } = c.req.param()
    const body = await readBody(c, maxBodyBytes)
    const source = await findSource(tenant, name)
    if (source === null) throw new Fault('not_found')
    const webhookId = c.req.header('webhook-id') ?? ''
    verifySignature({
      headers: {
        id: webhookId,
        timestamp: c.req.header('webhook-timestamp') ?? '',
        signature: c.req.header('webhook-signature') ?? '',
      },
      body,
      secrets: source.secrets,
      now: Date.now(),
    })
    const contentType = c.req.header('content-type') ?? ''
    const { lead } = parseLeadBytes(body, contentType)
    const { receipt, outcome } = await inbox.add({
      tenant: source.tenant,
      source: name,
      sourceId: source.sourceId,
      webhookId,
      contentType: contentType.slice(0, 200),
      body,
      hash: hash('sha256', body, 'buffer'),
      title: titleOf(lead),
      traceparent: traceparent(),
    })
    annotate({ 'auterity.tenant': source.tenant, 'auterity.receipt': receipt })
    if (outcome === 'conflict') throw new Fault('body_conflict', undefined, { receipt })
    return c.json({ receipt, duplicate: outcome === 'duplicate' } satisfies Acceptance, 202)
  }
}
