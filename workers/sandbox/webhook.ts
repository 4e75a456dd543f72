import { createHmac } from 'node:crypto'
import type { Hook } from '#schemas/sandbox.ts'

const TIMEOUT = 15_000

/**
 * The symmetric signature of Standard Webhooks 1.0: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`,
 * keyed with the bytes behind `whsec_`.
 * @param timestamp seconds since 1970
 */
const sign = (secret: string, id: string, timestamp: number, body: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')}`

export type Message = { id: string; contentType: string; body: string }

/** Posts one signed message once. `status` is null when nobody answered within 15 s; `answer` is cut at 2,000 characters. */
export const post = async (
  hook: Hook,
  message: Message,
  stop: AbortSignal,
): Promise<{ status: number | null; answer: string | null }> => {
  const timestamp = Math.floor(Date.now() / 1000)
  const headers = {
    'content-type': message.contentType,
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(hook.secret, message.id, timestamp, message.body),
  }
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT)])
    const response = await fetch(hook.url, { method: 'POST', headers, body: message.body, redirect: 'manual', signal })
    return { status: response.status, answer: (await response.text()).slice(0, 2000) }
  } catch {
    return { status: null, answer: null }
  }
}
