import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMember, createUser } from '#activities/identity/store.ts'
import { withSystem } from '#activities/database.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import { newId } from '#schemas/ids.ts'
import { chain, drawing as drawn } from '#test/harness/drawn.ts'
import { openDrawing, type Drawing } from './fixture.ts'

let drawing: Drawing
beforeAll(async () => {
  drawing = await openDrawing()
})
afterAll(() => drawing[Symbol.asyncDispose]())

const end: Node = { id: 'end', kind: 'end' }
type Told = { code: string; level: string; node?: string; path: string; message: string }
const placeOf = ({ code, node, path }: Told) => `${code} ${node ?? ''}${path}`

/** Somebody at a dealer of their own with a credential, a colleague and an automation that others may call. */
const dealer = async () => {
  const { call, ctx } = await drawing.drawer()
  const made = async (definition: Definition) =>
    (await call('POST /v1/automations', { definition })).body as { id: string; handle: string }
  const published = async (name: string) => {
    const one = await made({ ...drawn([end], chain('start', 'end')), name })
    expect((await call(`POST /v1/automations/${one.id}/publish`, { revision: 1 })).status).toBe(200)
    return one.handle
  }
  const colleague = await withSystem(drawing.database.db, async (tx) => {
    const user = await createUser(tx, { email: `${newId('user')}@northstar.example` })
    await addMember(tx, ctx, { user, name: 'Priya', role: 'operator' })
    return user
  })
  const credential = async (handle: string) => {
    const secret = { kind: 'basic', user: 'dealer-7', password: 'hush-hush' }
    const { status } = await call('POST /v1/credentials', { handle, name: handle, hosts: ['api.example.com'], secret })
    expect(status).toBe(201)
  }
  return { call, made, published, colleague, credential }
}

/** A drawing that leans on everything that a tenant has of its own. */
const leaning = (on: { person: string; called: string; follower: string; credential: string }): Definition =>
  drawn(
    [
      {
        id: 'ask',
        kind: 'http',
        with: { method: 'GET', url: 'https://api.example.com/prices', credential: on.credential },
      },
      { id: 'sub', kind: 'subflow', with: { automation: on.called } },
      { id: 'pinned', kind: 'subflow', with: { automation: on.called, version: '1' } },
      {
        id: 'ap',
        kind: 'approval',
        with: { ask: 'Go on?', assignees: { people: [on.person] }, escalateTo: { people: [on.person] } },
      },
      end,
    ],
    [
      ...chain('start', 'ask', 'sub', 'pinned', 'ap'),
      { from: 'ap', port: 'approved', to: 'end' },
      { from: 'ap', port: 'rejected', to: 'end' },
    ],
    { settings: { onFailure: on.follower } },
  )
const foreign = [
  'credential_missing ask/with/credential',
  'unknown_automation /settings/onFailure',
  'unknown_automation pinned/with/automation',
  'unknown_automation pinned/with/version',
  'unknown_automation sub/with/automation',
  'unknown_person ap/with/assignees/people',
  'unknown_person ap/with/escalateTo/people',
]

test('what a drawing leans on at one dealer is told of, each where it stands, once it is pasted or imported at another', async () => {
  const [north, south] = [await dealer(), await dealer()]
  await north.credential('price-list')
  const mine = leaning({
    person: north.colleague,
    called: await north.published('Called'),
    follower: await north.published('Follower'),
    credential: 'price-list',
  })
  const problemsAt = async (by: typeof north, id: string) =>
    ((await by.call(`POST /v1/automations/${id}/validate`, {})).body.problems as Told[]).map(placeOf).toSorted()
  const there = await north.made(mine)
  expect(await problemsAt(north, there.id)).toEqual([])
  expect((await north.call(`POST /v1/automations/${there.id}/publish`, { revision: 1 })).status).toBe(200)
  const { body: exported } = await north.call(`GET /v1/automations/${there.id}/export`)

  // pasted into a draft
  const draft = await south.made(drawn([end], chain('start', 'end')))
  expect((await south.call(`PUT /v1/automations/${draft.id}/draft`, { definition: mine, revision: 1 })).status).toBe(
    200,
  )
  expect(await problemsAt(south, draft.id)).toEqual(foreign)
  const refused = await south.call(`POST /v1/automations/${draft.id}/publish`, { revision: 2 })
  expect([refused.status, (refused.body.problems as Told[]).map(placeOf).toSorted()]).toEqual([422, foreign])

  // imported from a file
  const { status, body } = await south.call('POST /v1/automations', { definition: exported })
  expect(status).toBe(201)
  expect(await problemsAt(south, body.id)).toEqual(foreign)

  // what is called the same here is what is meant here
  await south.credential('price-list')
  const [called, follower] = [await south.published('Called'), await south.published('Follower')]
  expect([called, follower]).toEqual([
    mine.nodes.find(({ id }) => id === 'sub')?.with?.['automation'],
    mine.settings?.onFailure,
  ])
  expect(await problemsAt(south, draft.id)).toEqual(foreign.filter((one) => one.startsWith('unknown_person')))
})
