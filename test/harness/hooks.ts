import { createHmac } from 'node:crypto'

export type Delivery = { status: number; body: { receipt: string; duplicate: boolean; code?: string; detail?: string } }

/** The headers of a webhook, signed by the text of Standard Webhooks 1.0 and not by our own code. */
export const signHook = (secret: string, id: string, body: string, at = Date.now()): Record<string, string> => {
  const timestamp = String(Math.floor(at / 1000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/** Delivers a body as a webhook sender would, once. */
export async function deliver(
  hook: { url: string; secret: string },
  id: string,
  lead: string | object,
  headers: Record<string, string> = {},
): Promise<Delivery> {
  const body = typeof lead === 'string' ? lead : JSON.stringify(lead)
  const type = body.trimStart().startsWith('{') ? 'application/json' : 'application/xml'
  const reply = await fetch(hook.url, {
    method: 'POST',
    headers: { 'content-type': type, ...signHook(hook.secret, id, body), ...headers },
    body,
  })
  return { status: reply.status, body: (await reply.json()) as Delivery['body'] }
}
