import { asyncLocalStorage as activity } from '@temporalio/activity'
import { refusal } from '#activities/connectors/http.ts'
import type { Outgoing } from '#activities/outgoing.ts'
import { isSafe, type Secret } from '#schemas/credentials.ts'
import { isObject, type Json } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import { masking } from './mask.ts'
import type { Token } from './store-open.ts'

/** How long a token is taken to be good where the answer does not say, in seconds. */
const usual = 300

type Client = Extract<Secret, { kind: 'oauth_client' }>

/**
 * Exchanges a client's id and secret for an access token (RFC 6749, 4.4). A redirect is not followed: it could lead the
 * secret elsewhere.
 */
export async function fetchToken(outgoing: Outgoing, client: Client, hosts: readonly string[]): Promise<Token> {
  const url = new URL(client.tokenUrl)
  if (!isSafe(client, hosts)) throw new Fault('credential_refused', `${url.host} is not among its hosts.`)
  const mask = masking([client.clientSecret])
  const askedAt = Date.now()
  const reply = await outgoing({
    method: 'POST',
    url: url.href,
    ...form(client),
    redirects: 0,
    timeoutMs: 10_000,
    maxBytes: 100_000,
    signal: activity.getStore()?.cancellationSignal,
  })
  const { status, headers } = reply
  const body = read(new TextDecoder().decode(reply.body))
  if (status !== 200) throw refusal(url.host, { status, headers, body: read(mask(JSON.stringify(body))) })
  const { access_token: text, expires_in: seconds } = isObject(body) ? body : {}
  if (typeof text !== 'string' || !/^[\x21-\x7e]{1,8000}$/.test(text))
    throw new Fault('connector_refused', `${url.host} answered without an access token.`)
  const lasts = Number(seconds)
  return { text, until: new Date(askedAt + (lasts > 0 ? Math.min(lasts, 86_400) : usual) * 1000) }
}

const form = ({ clientId, clientSecret, scope, sendAs }: Client) => {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  if (sendAs === 'body') {
    body.set('client_id', clientId)
    body.set('client_secret', clientSecret)
    return { headers, body: body.toString() }
  }
  const pair = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')
  return { headers: { ...headers, authorization: `Basic ${pair}` }, body: body.toString() }
}

const read = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
