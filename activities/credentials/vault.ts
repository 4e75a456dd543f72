import type { Deps } from '#activities/deps.ts'
import type { OutgoingRequest, Signed } from '#activities/outgoing.ts'
import type { Purpose, Secret } from '#schemas/credentials.ts'
import { mayReach } from '#schemas/credentials-hosts.ts'
import { Fault } from '#schemas/errors.ts'
import type { Context } from '#schemas/tenancy.ts'
import { masking, type Mask } from './mask.ts'
import { freshToken, openSecret } from './store-open.ts'
import { fetchToken } from './token.ts'

/** A credential at work: it signs requests to its hosts, and nothing else learns its secret. */
export type Opened = {
  sign: NonNullable<OutgoingRequest['sign']>
  mask: Mask
  /** For one whose token the other side no longer takes: the same with a new one. */
  renew?: () => Promise<Opened>
}

type Which = { ref: string; purpose: Purpose }

/**
 * Opens a credential for a request to `url`. `credential_missing` where there is none for this purpose,
 * `credential_refused` where the address is on none of its hosts.
 */
export async function openCredential(
  { db, seal, outgoing }: Pick<Deps, 'db' | 'seal' | 'outgoing'>,
  ctx: Pick<Context, 'tenant'>,
  which: Which,
  url: string,
): Promise<Opened> {
  const { id, hosts, secret, token } = await openSecret(db, ctx, seal, which)
  const to = URL.parse(url)
  if (to !== null && !mayReach(hosts, to))
    throw new Fault('credential_refused', `“${which.ref}” is for ${hosts.join(', ')}, not for ${to.host}.`)
  const at = (signed: Signed) => (there: URL) => (mayReach(hosts, there) ? signed : {})
  if (secret.kind !== 'oauth_client') return { sign: at(signedWith(secret)), mask: masking(secretsIn(secret)) }
  const withToken = async (but?: string): Promise<Opened> => {
    const fresh = but === undefined ? token?.text : undefined
    const text =
      fresh ??
      (await freshToken(db, ctx, seal, { id, purpose: which.purpose, but }, (now) => {
        if (now.kind === 'oauth_client') return fetchToken(outgoing, now, hosts)
        throw new Fault('connector_unavailable', 'The credential was changed meanwhile.')
      }))
    return {
      sign: at({ headers: { authorization: `Bearer ${text}` } }),
      mask: masking([secret.clientSecret, text]),
      ...(but === undefined ? { renew: () => withToken(text) } : {}),
    }
  }
  return withToken()
}

type Simple = Exclude<Secret, { kind: 'oauth_client' }>

const pairOf = ({ user, password }: Extract<Secret, { kind: 'basic' }>): string =>
  Buffer.from(`${user}:${password}`).toString('base64')

const signedWith = (secret: Simple): Signed => {
  if (secret.kind === 'bearer') return { headers: { authorization: `Bearer ${secret.token}` } }
  if (secret.kind === 'basic') return { headers: { authorization: `Basic ${pairOf(secret)}` } }
  const named = { [secret.name]: secret.value }
  return secret.kind === 'header' ? { headers: named } : { query: named }
}

const secretsIn = (secret: Simple): string[] => {
  if (secret.kind === 'bearer') return [secret.token]
  return secret.kind === 'basic' ? [secret.password, pairOf(secret)] : [secret.value]
}
