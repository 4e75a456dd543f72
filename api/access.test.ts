import { expect, test } from 'vitest'
import { withSystem, withTenant } from '#activities/database.ts'
import { mayGrant, roles, scopes, scopesOf } from '#schemas/access.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey, type SignedIn } from '#test/harness/people.ts'

const api = ownApi()
const { send, enter } = api

const as = ({ cookie }: SignedIn) => ({ cookie })
const events = (ctx: Context, type: string) =>
  withTenant(api.db, ctx, (tx) =>
    tx
      .selectFrom('event')
      .select(['stream', 'data', 'actor_id'])
      .where('type', '=', type)
      .orderBy('position')
      .execute(),
  )

test('who signs in by a link is told who they are; a key is told that it is no person', async () => {
  const owner = await enter('owner')
  expect((await send('GET /v1/me', undefined, as(owner))).body).toMatchObject({
    user: { id: owner.user, hasPassword: false },
    role: 'owner',
    scopes,
    demo: false,
  })
  const { authorization } = await withKey(api.db, ['runs:read'], owner.ctx)
  const machine = await send('GET /v1/me', undefined, { authorization })
  expect(machine.body).toMatchObject({ user: null, role: null, scopes: ['runs:read'] })
})

test('an invited person signs in by the link they were given, and is no longer shown as invited', async () => {
  const owner = await enter('owner')
  const given = { name: 'Priya Raman', email: 'Priya@Test.example', role: 'operator' }
  const invited = await send('POST /v1/people', given, as(owner))
  expect(invited.body.person).toMatchObject({ name: 'Priya Raman', email: 'priya@test.example', invited: true })
  const [page, token] = invited.body.link.split('#')
  expect(page).toBe('http://localhost:4700/link')
  expect((await send('POST /v1/session/link', { token })).body.role).toBe('operator')
  const list = await send('GET /v1/people', undefined, as(owner))
  expect(list.body.items.map((one: { invited: boolean }) => one.invited)).toEqual([false, false])
  expect((await send('POST /v1/people', given, as(owner))).body.code).toBe('already_exists')
  const [, fact] = await events(owner.ctx, 'person_invited')
  expect(fact).toMatchObject({ actor_id: owner.user, data: { user: invited.body.person.id, role: 'operator' } })
})

test('an invitation lives for days, a link for who was here before for minutes; a new one ends those before it', async () => {
  const owner = await enter('owner')
  const { body } = await send('POST /v1/people', { name: 'N', email: 'n@test.example', role: 'viewer' }, as(owner))
  const fresh = await send(`POST /v1/people/${body.person.id}/link`, undefined, as(owner))
  const enterBy = async (link: string) => (await send('POST /v1/session/link', { token: link.split('#')[1] })).status
  expect(await enterBy(body.link)).toBe(410)
  expect(await enterBy(fresh.body.link)).toBe(201)
  await send(`POST /v1/people/${body.person.id}/link`, undefined, as(owner))
  const made = (await events(owner.ctx, 'link_made')).filter(({ stream }) => stream === body.person.id)
  const hours = made.map(({ data }) => (Date.parse((data as { expiresAt: string }).expiresAt) - Date.now()) / 3_600_000)
  expect(hours.map((one) => Math.round(one * 4) / 4)).toEqual([168, 168, 0.25])
})

test('roles reach as far as the table says, and a changed role holds from the next request on', async () => {
  const owner = await enter('owner')
  for (const role of roles) {
    const one = await enter(role, owner.ctx)
    const allowed = async (route: string) => (await send(route, undefined, as(one))).status === 200
    expect(await allowed('GET /v1/people')).toBe(scopesOf[role].includes('people:read'))
    expect(await allowed('GET /v1/keys')).toBe(scopesOf[role].includes('keys:read'))
    expect(await allowed('GET /v1/sessions')).toBe(true)
    await send(`PATCH /v1/people/${one.user}`, { role: 'viewer' }, as(owner))
    expect(await allowed('GET /v1/people')).toBe(false)
  }
})

test('nobody gives, takes or enters a rank above their own: an admin cannot touch an owner, nor can a key', async () => {
  const owner = await enter('owner')
  const admin = await enter('admin', owner.ctx)
  const key = await withKey(api.db, undefined, owner.ctx)
  for (const headers of [as(admin), { authorization: key.authorization }]) {
    const refused = [
      await send(`PATCH /v1/people/${admin.user}`, { role: 'owner' }, headers),
      await send(`PATCH /v1/people/${owner.user}`, { role: 'viewer' }, headers),
      await send(`DELETE /v1/people/${owner.user}`, undefined, headers),
      await send(`POST /v1/people/${owner.user}/link`, undefined, headers),
      await send('POST /v1/people', { name: 'N', email: 'n@test.example', role: 'owner' }, headers),
    ]
    expect(refused.map((reply) => reply.body.code)).toEqual(refused.map(() => 'forbidden'))
    const viewer = await enter('viewer', owner.ctx)
    expect((await send(`POST /v1/people/${viewer.user}/link`, undefined, headers)).status).toBe(201)
    expect((await send(`PATCH /v1/people/${viewer.user}`, { role: 'admin' }, headers)).body.role).toBe('admin')
  }
  expect(mayGrant('owner', 'owner')).toBe(true)
  expect(await events(owner.ctx, 'role_changed')).toHaveLength(2)
})

test('the last owner stays: two owners who step down or unmake each other at once leave exactly one', async () => {
  const alone = await enter('owner')
  const down = await send(`PATCH /v1/people/${alone.user}`, { role: 'admin' }, as(alone))
  expect([down.status, down.body.code]).toEqual([409, 'last_owner'])
  expect((await send(`DELETE /v1/people/${alone.user}`, undefined, as(alone))).body.code).toBe('last_owner')
  const acts: ((one: SignedIn, other: SignedIn) => ReturnType<typeof send>)[] = [
    (one) => send(`PATCH /v1/people/${one.user}`, { role: 'admin' }, as(one)),
    (one, other) => send(`PATCH /v1/people/${other.user}`, { role: 'viewer' }, as(one)),
    (one, other) => send(`DELETE /v1/people/${other.user}`, undefined, as(one)),
  ]
  for (const act of acts) {
    const one = await enter('owner')
    const other = await enter('owner', one.ctx)
    const replies = await Promise.all([act(one, other), act(other, one)])
    expect(replies.filter((reply) => reply.status < 300)).toHaveLength(1)
    const left = await withTenant(api.db, one.ctx, (tx) =>
      tx.selectFrom('membership').select('user_id').where('role', '=', 'owner').execute(),
    )
    expect(left).toHaveLength(1)
  }
})

test('a removed person is out at once: session and unused link end, also if they are invited again', async () => {
  const owner = await enter('owner')
  const one = await enter('operator', owner.ctx)
  const link = await send(`POST /v1/people/${one.user}/link`, undefined, as(owner))
  expect((await send(`DELETE /v1/people/${one.user}`, undefined, as(owner))).status).toBe(204)
  expect((await send('GET /v1/me', undefined, as(one))).status).toBe(401)
  const again = await send('POST /v1/people', { name: 'O', email: one.email, role: 'viewer' }, as(owner))
  expect(again.body.person.id).toBe(one.user)
  expect((await send('GET /v1/me', undefined, as(one))).status).toBe(401)
  expect((await send('POST /v1/session/link', { token: link.body.link.split('#')[1] })).status).toBe(410)
  expect(await events(owner.ctx, 'person_removed')).toHaveLength(1)
})

test('who is removed while they sign in, are seen and sign out is out in the end, and nobody waits for ever', async () => {
  const owner = await enter('owner')
  for (let round = 0; round < 5; round++) {
    const one = await enter('owner', owner.ctx)
    const { link } = (await send(`POST /v1/people/${one.user}/link`, undefined, as(owner))).body
    await api.db.system
      .updateTable('session')
      .set({ seen_at: new Date(Date.now() - 3_600_000) })
      .where('user_id', '=', one.user)
      .execute()
    const replies = await Promise.all([
      send(`DELETE /v1/people/${one.user}`, undefined, as(owner)),
      send('POST /v1/session/link', { token: link.split('#')[1] }),
      send('GET /v1/me', undefined, as(one)),
      send('DELETE /v1/session', undefined, as(one)),
    ])
    expect(replies[0]?.status).toBe(204)
    expect(replies.every((reply) => reply.status < 500)).toBe(true)
    expect((await send('GET /v1/me', undefined, as(one))).status).toBe(401)
  }
})

test('a key works until it is revoked or has run out, and is shown once', async () => {
  const owner = await enter('owner')
  const made = await send('POST /v1/keys', { name: 'Website', scopes: ['people:read'], expiresInDays: 1 }, as(owner))
  const { key, apiKey } = made.body
  expect(key).toMatch(/^aut_[\w-]{43}$/)
  expect(apiKey).toMatchObject({ hint: key.slice(0, 8), scopes: ['people:read'], lastUsedAt: null, revokedAt: null })
  const use = (route: string) => send(route, undefined, { authorization: `Bearer ${key}` })
  expect((await use('GET /v1/people')).status).toBe(200)
  expect((await use('GET /v1/keys')).body).toMatchObject({
    code: 'forbidden',
    detail: 'This needs the scope keys:read.',
  })
  const list = await send('GET /v1/keys', undefined, as(owner))
  expect(list.body.items[0].lastUsedAt).not.toBeNull()
  expect(list.text).not.toContain(key)
  expect(JSON.stringify(await events(owner.ctx, 'key_created'))).not.toContain(key)

  const expire = (at: Date) =>
    withSystem(api.db, (tx) => tx.updateTable('api_key').set({ expires_at: at }).where('id', '=', apiKey.id).execute())
  await expire(new Date(Date.now() - 1))
  expect((await use('GET /v1/people')).body.code).toBe('unauthenticated')
  await expire(new Date(Date.now() + 60_000))
  expect((await use('GET /v1/people')).status).toBe(200)
  const revoke = () => send(`DELETE /v1/keys/${apiKey.id}`, undefined, as(owner))
  expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 204])
  expect((await use('GET /v1/people')).status).toBe(401)
  expect((await use('GET /v1/setup')).status).toBe(200)
  expect(await events(owner.ctx, 'key_revoked')).toHaveLength(1)
})

test('a key may do no more than its maker', async () => {
  const owner = await enter('owner')
  const { authorization } = await withKey(api.db, ['keys:write', 'runs:read'], owner.ctx)
  const maker = { authorization }
  const make = (wanted: string[]) => send('POST /v1/keys', { name: 'K', scopes: wanted }, maker)
  expect((await make(['runs:read', 'runs:write'])).body.detail).toBe('You may not grant runs:write.')
  expect((await make(['runs:read'])).status).toBe(201)
  expect((await send('DELETE /v1/session', undefined, maker)).status).toBe(403)
  expect((await send('PUT /v1/me/password', { password: 'a password for a key' }, maker)).status).toBe(403)
})

test('where a key and a session are both given the key counts, even a bad one', async () => {
  const owner = await enter('owner')
  const { authorization } = await withKey(api.db, ['runs:read'], owner.ctx)
  expect((await send('GET /v1/me', undefined, { ...as(owner), authorization })).body.user).toBeNull()
  for (const bad of [`${authorization}x`, 'Bearer aut_', 'Basic b3duZXI6eA=='])
    expect((await send('GET /v1/me', undefined, { ...as(owner), authorization: bad })).status).toBe(401)
})

test('the same Idempotency-Key gets the same API key again, and another wish under it is refused', async () => {
  const owner = await enter('owner')
  const headers = { ...as(owner), 'idempotency-key': 'make-one' }
  const wish = { name: 'Once', scopes: ['runs:read'] }
  const [first, again] = [await send('POST /v1/keys', wish, headers), await send('POST /v1/keys', wish, headers)]
  expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true'])
  expect(again.body).toEqual(first.body)
  expect((await send('POST /v1/keys', { ...wish, name: 'Twice' }, headers)).body.code).toBe('idempotency_mismatch')
  expect((await send('GET /v1/keys', undefined, as(owner))).body.items).toHaveLength(1)
})

test('at another tenant a person, a key or a session is as unknown as one that never was', async () => {
  const ours = await enter('owner')
  const theirs = await enter('owner')
  const made = await send('POST /v1/keys', { name: 'T', scopes: ['runs:read'] }, as(theirs))
  const [session] = (await send('GET /v1/sessions', undefined, as(theirs))).body.items
  const routes: [string, string, unknown?][] = [
    ['DELETE /v1/keys/', made.body.apiKey.id],
    ['DELETE /v1/sessions/', session.id],
    ['PATCH /v1/people/', theirs.user, { role: 'viewer' }],
    ['DELETE /v1/people/', theirs.user],
  ]
  const bytes = ({ status, body, text }: Awaited<ReturnType<typeof send>>) =>
    `${status} ${text.replace(body.requestId, '')}`
  for (const [route, id, body] of routes) {
    const kind = ({ key: 'apiKey', ses: 'session', usr: 'user' } as const)[id.slice(0, 3) as 'key']
    const foreign = await send(route + id, body, as(ours))
    expect(foreign.status).toBe(404)
    expect(bytes(foreign)).toBe(bytes(await send(route + newId(kind), body, as(ours))))
  }
  const link = await send(`POST /v1/people/${theirs.user}/link`, undefined, as(ours))
  expect(bytes(link)).toBe(bytes(await send(`POST /v1/people/${newId('user')}/link`, undefined, as(ours))))
  for (const route of ['GET /v1/people', 'GET /v1/keys', 'GET /v1/sessions'])
    expect((await send(route, undefined, as(ours))).text).not.toMatch(
      new RegExp(`${theirs.user}|${made.body.apiKey.id}`),
    )
  expect((await send('GET /v1/me', undefined, as(theirs))).status).toBe(200)
})

test('odd input is refused with a sentence: a NUL in a name, a page of no list, a body that is no object', async () => {
  const owner = await enter('owner')
  const key = (name: unknown) => send('POST /v1/keys', { name, scopes: ['runs:read'] }, as(owner))
  expect((await key('a\u0000b')).body).toMatchObject({ status: 400, detail: 'Text may not hold the NUL character.' })
  expect((await key(7)).body).toMatchObject({ status: 422, issues: [{ path: '/body/name' }] })
  expect((await send('GET /v1/keys?limit=0', undefined, as(owner))).status).toBe(400)
  expect((await send('GET /v1/people?cursor=%00', undefined, as(owner))).status).toBe(400)
  expect((await send('DELETE /v1/keys/%00', undefined, as(owner))).status).toBe(400)
})
