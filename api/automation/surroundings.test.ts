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
const calls = (fields: NonNullable<Node['with']>): Definition =>
  drawn([{ id: 'sub', kind: 'subflow', with: fields }, end], chain('start', 'sub', 'end'))
const asks = (fields: NonNullable<Node['with']>): Definition =>
  drawn(
    [{ id: 'ask', kind: 'approval', with: { ask: 'Go on?', ...fields } }, end],
    [
      ...chain('start', 'ask'),
      { from: 'ask', port: 'approved', to: 'end' },
      { from: 'ask', port: 'rejected', to: 'end' },
    ],
  )

/** Somebody who draws; `publish` gives what keeps a document from it, by code and place. */
const drawer = async () => {
  const { call, ctx } = await drawing.drawer()
  const make = async (definition: Definition) =>
    (await call('POST /v1/automations', { definition })).body as { id: string; handle: string }
  const publish = async (definition: Definition) => {
    const { id, handle } = await make(definition)
    const { status, body } = await call(`POST /v1/automations/${id}/publish`, { revision: 1 })
    return { id, handle, status, problems: (body.problems ?? []) as { code: string; path: string; message: string }[] }
  }
  const person = async (role: 'operator' | 'viewer') => {
    const email = `${newId('user')}@northstar.example`
    return withSystem(drawing.database.db, async (tx) => {
      const user = await createUser(tx, { email })
      await addMember(tx, ctx, { user, name: 'Priya', role })
      return user
    })
  }
  return { call, publish, person }
}

test('a version of an archived automation may be called by who has pinned it, and only by them', async () => {
  const { call, publish } = await drawer()
  const { id, handle } = await publish(drawn([end], chain('start', 'end')))
  expect((await call(`POST /v1/automations/${id}/archive`)).status).toBe(200)
  expect((await publish(calls({ automation: handle, version: '1' }))).problems).toEqual([])
  const [latest] = (await publish(calls({ automation: handle }))).problems
  expect(latest).toMatchObject({ code: 'unknown_automation', path: '/with/automation' })
  const gone = await publish(calls({ automation: handle, version: '7' }))
  expect(gone.problems.map(({ path }) => path)).toEqual(['/with/automation', '/with/version'])
})

test('an approval that asks nobody who may decide here is not published; one that asks others too is told of', async () => {
  const { call, publish, person } = await drawer()
  const [priya, viewer, stranger] = [await person('operator'), await person('viewer'), newId('user')]
  expect((await publish(asks({ assignees: { people: [priya] } }))).status).toBe(200)
  for (const who of [viewer, stranger]) {
    const refused = await publish(asks({ assignees: { people: [who] }, escalateTo: { role: 'admin' } }))
    expect(refused.status).toBe(422)
    expect(refused.problems).toMatchObject([
      { code: 'unknown_person', path: '/with/assignees/people', message: expect.stringContaining(who) },
    ])
  }
  expect((await publish(asks({ escalateTo: { people: [stranger] } }))).problems).toMatchObject([
    { path: '/with/escalateTo/people' },
  ])
  const both = await publish(asks({ assignees: { people: [priya, stranger] } }))
  expect(both.status).toBe(200)
  const { problems } = (await call(`POST /v1/automations/${both.id}/validate`, {})).body
  expect(problems).toMatchObject([
    { code: 'unknown_person', level: 'warning', fix: { apply: [{ do: 'set', value: [priya] }] } },
  ])
  const byRole = await publish(asks({ assignees: { role: 'admin', people: [stranger] } }))
  expect(byRole.status).toBe(200)
})

test('what is to follow a failure has to take what it is given then', async () => {
  const { publish } = await drawer()
  const input = (schema: Definition['input']): Definition => ({
    ...drawn([end], chain('start', 'end')),
    ...(schema === undefined ? {} : { input: schema }),
  })
  const followedBy = async (schema: Definition['input']) => {
    const { handle } = await publish(input(schema))
    return publish(drawn([end], chain('start', 'end'), { settings: { onFailure: handle } }))
  }
  expect((await followedBy(undefined)).status).toBe(200)
  const takes = { type: 'object', required: ['run', 'failure', 'input'] }
  const deal = { type: 'object', required: ['deal'], properties: { deal: { type: 'string' } } }
  expect((await followedBy({ ...takes, properties: { input: deal } })).status).toBe(200)
  const refused = await followedBy({ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] })
  expect(refused.problems).toMatchObject([
    { code: 'field_invalid', path: '/settings/onFailure', message: expect.stringContaining('“n” is missing.') },
  ])
  expect((await followedBy({ type: 'object', properties: { n: {} }, additionalProperties: false })).status).toBe(422)
})
