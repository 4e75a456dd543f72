import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Hono } from 'hono'
import type { Database } from './state.ts'

const same = (a: string, b: string): boolean =>
  Buffer.byteLength(a) === Buffer.byteLength(b) && timingSafeEqual(Buffer.from(a), Buffer.from(b))

const basic = (header: string | undefined): string =>
  Buffer.from(/^Basic (\S+)$/i.exec(header ?? '')?.[1] ?? '', 'base64').toString('utf8')

/**
 * The OAuth 2.0 token endpoint (RFC 6749 §4.4: client credentials in a Basic header).
 * @param seconds how long a token given now lives
 */
export const mountTokens = (app: Hono, db: Database, client: { id: string; secret: string }, seconds: () => number) => {
  app.post('/oauth2/v1/token', async (c) => {
    if (!same(basic(c.req.header('authorization')), `${client.id}:${client.secret}`)) {
      c.header('WWW-Authenticate', 'Basic realm="sandbox"')
      return c.json({ error: 'invalid_client', error_description: 'No client credentials found.' }, 401)
    }
    const form = new URLSearchParams(await c.req.text())
    if (form.get('grant_type') !== 'client_credentials')
      return c.json({ error: 'unsupported_grant_type', error_description: 'Only client_credentials is allowed.' }, 400)
    const token = randomBytes(32).toString('base64url')
    const life = seconds()
    db.prepare('delete from dms_token where expires < ?').run(Date.now() - 86_400_000)
    db.prepare('insert into dms_token values (?, ?)').run(token, Date.now() + life * 1000)
    c.header('Cache-Control', 'no-store')
    return c.json({ token_type: 'Bearer', expires_in: life, access_token: token, scope: 'anonymous' })
  })
}

/** What a token is worth now. A revoked one is unknown, as if it had never been given. */
export const judgeToken = (db: Database, token: string): 'good' | 'expired' | 'unknown' => {
  const row = db.prepare('select expires from dms_token where token = ?').get(token)
  if (row === undefined) return 'unknown'
  return Number(row['expires']) > Date.now() ? 'good' : 'expired'
}

export const revokeTokens = (db: Database): number => Number(db.prepare('delete from dms_token').run().changes)
