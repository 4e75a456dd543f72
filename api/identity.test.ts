import { hash } from '@node-rs/argon2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { hashPassword } from '#activities/identity/password.ts'
import { throttle } from '#activities/identity/store-throttle.ts'
import { addMember, createSignInLink, createUser } from '#activities/identity/store.ts'
import { createLog } from '#activities/log.ts'
import { createApp } from '#api/app.ts'
import { findTenant } from '#activities/tenancy/store.ts'
import type { Role } from '#schemas/access.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, testTenant, type TestDatabase } from '#test/harness/database.ts'
import { cookieOf, signedIn, withKey } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'

let database: TestDatabase
let app: ReturnType<typeof createApp>
let send: ReturnType<typeof sender>
const logged: string[] = []
beforeAll(async () => {
  database = await testDatabase()
  app = createApp(testApiDeps(database, { log: createLog('test', 'debug', (line) => void logged.push(line)) }))
  send = sender(app)
})
afterAll(() => database[Symbol.asyncDispose]())

const secret = 'correct horse battery staple'
let people = 0
const person = async (at?: Context, role: Role = 'owner', email = `person-${++people}@test.example`) => {
  const ctx = at ?? (await testTenant(database.db))
  const passwordHash = await hashPassword(secret)
  const user = await withSystem(database.db, async (tx) => {
    const id = await createUser(tx, { email })
    await addMember(tx, ctx, { user: id, name: 'Pat', role, passwordHash })
    return id
  })
  return { ctx, user, email }
}
const linkFor = ({ ctx, user }: { ctx: Context; user: string }, minutes?: number) =>
  withTenant(database.db, ctx, (tx) => createSignInLink(tx, ctx, user, minutes))
const eventTypes = async (ctx: Context) =>
  (
    await withTenant(database.db, ctx, (tx) =>
      tx.selectFrom('event').select(['type', 'data', 'actor_id']).orderBy('position').execute(),
    )
  ).map((row) => row.type)

test('a fresh installation is set up once: of two at the same time one becomes the owner, then the door is closed', async () => {
  await using fresh = await testDatabase()
  const at = sender(createApp(testApiDeps(fresh)))
  expect((await at('GET /v1/setup')).body).toEqual({ needed: true })
  const form = { tenant: 'Lakeside Autos', name: 'Ann', email: 'Ann@Lakeside.example', password: secret }
  const both = await Promise.all([at('POST /v1/setup', form), at('POST /v1/setup', form)])
  expect(both.map((reply) => reply.status).sort((a, b) => a - b)).toEqual([201, 409])
  const won = both.find((reply) => reply.status === 201)!
  expect(won.body).toMatchObject({
    user: { email: 'ann@lakeside.example', hasPassword: true },
    tenant: { slug: 'lakeside-autos' },
    role: 'owner',
  })
  const cookie = won.headers.get('set-cookie')!.split(';')[0]!
  expect((await at('GET /v1/me', undefined, { cookie })).body).toEqual(won.body)
  expect((await at('GET /v1/setup')).body).toEqual({ needed: false })
  expect((await at('POST /v1/setup', { ...form, email: 'eve@evil.example' })).status).toBe(409)
})

test('e-mail and password open a session that lives until sign-out', async () => {
  const { email, ctx, user } = await person()
  const reply = await send('POST /v1/session', { email: ` ${email.toUpperCase()}`, password: secret })
  expect(reply.status).toBe(201)
  const set = reply.headers.get('set-cookie')!
  expect(set).toMatch(/^auterity_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
  const cookie = set.split(';')[0]!
  expect((await send('GET /v1/me', undefined, { cookie })).body.user.id).toBe(user)
  expect((await send('DELETE /v1/session', undefined, { cookie })).status).toBe(204)
  const after = await send('GET /v1/me', undefined, { cookie })
  expect([after.status, after.body.code]).toEqual([401, 'unauthenticated'])
  expect((await send('GET /v1/setup', undefined, { cookie })).status).toBe(200)
  expect(await eventTypes(ctx)).toEqual([
    'tenant_created',
    'automation_created',
    'automation_published',
    'person_invited',
    'signed_in',
    'signed_out',
  ])
})

test('over https the cookie is Secure and bound to the host', async () => {
  const https = sender(createApp(testApiDeps(database, { url: 'https://auterity.example' })))
  const token = await linkFor(await person())
  const reply = await https('POST /v1/session/link', { token })
  expect(reply.headers.get('set-cookie')).toMatch(/^__Host-auterity_session=[\w-]{43}; .*Secure; SameSite=Lax$/)
})

test('a wrong password, an unknown e-mail, a person without one and a wrong tenant are refused with the same words', async () => {
  const { email, ctx } = await person()
  const without = await signedIn(app, database.db, 'viewer')
  const replies = [
    await send('POST /v1/session', { email, password: 'wrong horse battery staple' }),
    await send('POST /v1/session', { email: 'nobody@test.example', password: secret }),
    await send('POST /v1/session', { email: without.email, password: secret }),
    await send('POST /v1/session', { email, password: secret, tenant: 'elsewhere' }),
  ]
  const said = replies.map(({ body }) => ({ ...body, requestId: '' }))
  expect(said).toEqual(said.map(() => expect.objectContaining({ status: 401, code: 'bad_credentials' })))
  expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1)
  expect((await eventTypes(ctx)).at(-1)).toBe('sign_in_refused')
})

test('twenty wrong passwords at once: five are looked at, the rest must wait, and so must the right one', async () => {
  const { email } = await person()
  const tries = await Promise.all(
    Array.from({ length: 20 }, (_, i) => send('POST /v1/session', { email, password: `wrong password no ${i}` })),
  )
  const count = (status: number) => tries.filter((reply) => reply.status === status).length
  expect([count(401), count(429)]).toEqual([throttle.free.email, 15])
  const right = await send('POST /v1/session', { email, password: secret })
  expect([right.status, right.body.code]).toEqual([429, 'too_many_requests'])
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(Number(right.headers.get('retry-after'))).toBeLessThanOrEqual(throttle.firstBlockS)
})

test('each further wrong try after a block doubles it; a right one clears the count of the e-mail', async () => {
  const { email } = await person()
  const wrong = () => send('POST /v1/session', { email, password: 'wrong horse battery staple' })
  const blockEnds = () =>
    database.db.system
      .updateTable('sign_in_throttle')
      .set({ blocked_until: new Date(0) })
      .execute()
  for (let i = 0; i < throttle.free.email; i++) expect((await wrong()).status).toBe(401)
  await blockEnds()
  expect((await wrong()).status).toBe(401)
  const second = Number((await wrong()).headers.get('retry-after'))
  expect(second).toBeGreaterThan(throttle.firstBlockS)
  expect(second).toBeLessThanOrEqual(2 * throttle.firstBlockS)
  await blockEnds()
  expect((await send('POST /v1/session', { email, password: secret })).status).toBe(201)
  expect((await wrong()).status).toBe(401)
  expect((await wrong()).status).toBe(401)
})

test('one address that tries many e-mails is held back; another address is not', async () => {
  const wrong = (i: number) =>
    send('POST /v1/session', { email: `guess-${i}@test.example`, password: 'x' }, {}, '203.0.113.7')
  const tries = await Promise.all(Array.from({ length: throttle.free.address + 3 }, (_, i) => wrong(i)))
  expect(tries.filter((reply) => reply.status === 429)).toHaveLength(3)
  const { email } = await person()
  expect((await send('POST /v1/session', { email, password: secret }, {}, '203.0.113.7')).status).toBe(429)
  expect((await send('POST /v1/session', { email, password: secret }, {}, '203.0.113.8')).status).toBe(201)
})

test('a one-time link opens one session, however many use it at once, and none when it has run out', async () => {
  const who = await person()
  const token = await linkFor(who)
  const replies = await Promise.all(Array.from({ length: 8 }, () => send('POST /v1/session/link', { token })))
  expect(replies.map((reply) => reply.status).sort((a, b) => a - b)).toEqual([
    201,
    ...Array.from({ length: 7 }, () => 410),
  ])
  for (const useless of [token, await linkFor(who, -1), 'never-was'])
    expect((await send('POST /v1/session/link', { token: useless })).body.code).toBe('link_used')
})

test('my sessions are listed, can be ended one by one, and nobody else can end them', async () => {
  const who = await person()
  const enter = async () =>
    cookieOf(
      await app.request('/v1/session/link', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Phone' },
        body: JSON.stringify({ token: await linkFor(who) }),
      }),
    )
  const [here, there] = [await enter(), await enter()]
  const list = await send('GET /v1/sessions', undefined, { cookie: here })
  expect(list.body.items.map((one: { current: boolean }) => one.current)).toEqual([false, true])
  expect(list.body.items[0].userAgent).toBe('Phone')
  const paged = await send('GET /v1/sessions?limit=1', undefined, { cookie: here })
  const rest = await send(`GET /v1/sessions?limit=1&cursor=${paged.body.next}`, undefined, { cookie: here })
  expect([...paged.body.items, ...rest.body.items]).toEqual(list.body.items)
  const other = list.body.items[0].id
  const colleague = await signedIn(app, database.db, 'owner', who.ctx)
  expect((await send(`DELETE /v1/sessions/${other}`, undefined, { cookie: colleague.cookie })).status).toBe(404)
  expect((await send(`DELETE /v1/sessions/${other}`, undefined, { cookie: here })).status).toBe(204)
  expect((await send('GET /v1/me', undefined, { cookie: there })).status).toBe(401)
  expect((await send(`DELETE /v1/sessions/${other}`, undefined, { cookie: here })).status).toBe(404)
})

test('a session ends when unused for twelve hours, and after thirty days in any case', async () => {
  const one = await signedIn(app, database.db, 'viewer')
  const change = (set: { seen_at?: Date; expires_at?: Date }) =>
    withSystem(database.db, (tx) => tx.updateTable('session').set(set).where('user_id', '=', one.user).execute())
  const status = async () => (await send('GET /v1/me', undefined, { cookie: one.cookie })).status
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000)
  await change({ seen_at: ago(11.9) })
  expect(await status()).toBe(200)
  expect(await status()).toBe(200)
  await change({ seen_at: ago(12.1) })
  expect(await status()).toBe(401)
  await change({ seen_at: ago(0), expires_at: ago(0) })
  expect(await status()).toBe(401)
})

test('a first password needs no old one; a change needs it, and ends the other sessions but not this one', async () => {
  const one = await signedIn(app, database.db, 'operator')
  const { cookie } = one
  expect((await send('PUT /v1/me/password', { password: 'short' }, { cookie })).status).toBe(422)
  expect((await send('PUT /v1/me/password', { password: secret }, { cookie })).status).toBe(204)
  const other = await send('POST /v1/session', { email: one.email, password: secret })
  const there = other.headers.get('set-cookie')!.split(';')[0]!
  const next = 'another horse, another staple'
  const guess = await send('PUT /v1/me/password', { current: 'a guess', password: next }, { cookie })
  expect([guess.status, guess.body.issues]).toEqual([422, [{ path: '/body/current', message: 'is not your password' }]])
  expect((await send('PUT /v1/me/password', { current: secret, password: next }, { cookie })).status).toBe(204)
  expect((await send('GET /v1/me', undefined, { cookie: there })).status).toBe(401)
  expect((await send('GET /v1/me', undefined, { cookie })).body.user.hasPassword).toBe(true)
  expect((await send('POST /v1/session', { email: one.email, password: secret })).status).toBe(401)
  expect((await send('POST /v1/session', { email: one.email, password: next })).status).toBe(201)
})

test('what one tenant gives a person opens nothing at another: neither link nor password crosses over', async () => {
  const home = await person()
  const away = await testTenant(database.db)
  const there = await person(away, 'viewer', home.email)
  expect(there.user).toBe(home.user)
  const entered = await send('POST /v1/session/link', { token: await linkFor(there) })
  const cookie = entered.headers.get('set-cookie')!.split(';')[0]!
  const taken = { current: secret, password: 'the second tenant knows it' }
  expect((await send('PUT /v1/me/password', taken, { cookie })).status).toBe(204)
  expect((await send('GET /v1/me', undefined, { cookie })).body.tenant.id).toBe(away.tenant)
  const { slug } = (await withTenant(database.db, home.ctx, (tx) => findTenant(tx, home.ctx.tenant)))!
  const enter = (password: string) => send('POST /v1/session', { email: home.email, password, tenant: slug })
  expect((await enter(taken.password)).status).toBe(401)
  expect((await enter(secret)).body.tenant.id).toBe(home.ctx.tenant)
})

test('a hash made with weaker parameters is renewed at the next sign-in', async () => {
  const { email, user } = await person()
  const weak = await hash(secret, { memoryCost: 8192, timeCost: 1, parallelism: 1 })
  const rows = () => database.db.system.selectFrom('membership').select('password_hash').where('user_id', '=', user)
  await database.db.system.updateTable('membership').set({ password_hash: weak }).where('user_id', '=', user).execute()
  expect((await send('POST /v1/session', { email, password: secret })).status).toBe(201)
  expect((await rows().executeTakeFirstOrThrow()).password_hash).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
  expect((await send('POST /v1/session', { email, password: secret })).status).toBe(201)
})

test.each([
  ['no Origin', {}, true],
  ['our own', { origin: 'http://localhost:4700' }, true],
  ['our own by number', { origin: 'http://127.0.0.1:4700' }, true],
  ['another port', { origin: 'http://localhost:4701' }, false],
  ['another site', { origin: 'https://evil.example' }, false],
  ['an opaque origin', { origin: 'null' }, false],
  ['no Origin, from another site', { 'sec-fetch-site': 'cross-site' }, false],
  ['no Origin, from a sister site', { 'sec-fetch-site': 'same-site' }, false],
  ['no Origin, from ourselves', { 'sec-fetch-site': 'same-origin' }, true],
  ['no Origin, typed by hand', { 'sec-fetch-site': 'none' }, true],
])('a changing request with %s', async (_, headers: Record<string, string>, passes) => {
  const { cookie, ctx } = await signedIn(app, database.db, 'owner')
  const key = { name: 'K', scopes: ['runs:read'] }
  const withCookie = await send('POST /v1/keys', key, { ...headers, cookie })
  expect([withCookie.status, withCookie.body.code]).toEqual(passes ? [201, undefined] : [403, 'bad_origin'])
  expect((await send('POST /v1/session/link', { token: 'x' }, headers)).status).toBe(passes ? 410 : 403)
  expect((await send('GET /v1/me', undefined, { ...headers, cookie })).status).toBe(200)
  const { authorization } = await withKey(database.db, undefined, ctx)
  expect((await send('POST /v1/keys', key, { ...headers, authorization })).status).toBe(201)
})

test('no token, password or hash comes by the log or the event log', async () => {
  const token = await linkFor(await person())
  const reply = await send('POST /v1/session/link', { token })
  const session = reply.headers.get('set-cookie')!.split(';')[0]!.split('=')[1]!
  const events = JSON.stringify(await database.db.system.selectFrom('event').selectAll().execute())
  for (const value of [token, session, secret, '$argon2']) expect(events + logged.join('')).not.toContain(value)
})
