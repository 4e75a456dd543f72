import { expect, test } from 'vitest'
import { withSystem } from '#activities/database.ts'
import { forgetPlaygrounds } from '#activities/gateway/store-playgrounds.ts'
import { emptyContent, noParameters } from '#schemas/gateway/playground-empty.ts'
import { newId } from '#schemas/ids.ts'
import { ownApi } from '#test/harness/own-api.ts'

const day = 86_400_000
const api = ownApi()
const content = { ...emptyContent, system: 'Be brief.', models: ['fast'] }
const at = '/v1/gateway/playgrounds'

const someone = async (tenant?: Parameters<typeof api.enter>[1]) => {
  const { cookie, ctx } = await api.enter('operator', tenant)
  return { ctx, ask: (route: string, body?: unknown) => api.send(route, body, { cookie }) }
}
const kept = async (one: Awaited<ReturnType<typeof someone>>, name = 'Lots') =>
  (await one.ask(`POST ${at}`, { name, content })).body as { id: string; revision: number }

test('a conversation is kept, listed, saved, renamed, and comes back as it was', async () => {
  const one = await someone()
  const { id } = await kept(one)
  const turn = { text: 'Which lot?', images: [`data:image/png;base64,${'A'.repeat(400_000)}`], answers: [null] }
  const next = { ...content, turns: [turn] }
  const saved = await one.ask(`PUT ${at}/${id}/content`, { content: next, revision: 1 })
  expect(saved).toMatchObject({ status: 200, body: { revision: 2 } })
  expect((await one.ask(`PATCH ${at}/${id}`, { name: '  North lot ' })).body).toMatchObject({ name: 'North lot' })
  expect((await one.ask(`GET ${at}/${id}`)).body).toMatchObject({ name: 'North lot', content: next, mine: true })
  expect((await one.ask(`GET ${at}`)).body.items).toMatchObject([{ id, name: 'North lot', models: ['fast'] }])
})

test('of two windows that save, the second is told, and nothing of the first is lost', async () => {
  const one = await someone()
  const { id } = await kept(one)
  const save = (system: string) => one.ask(`PUT ${at}/${id}/content`, { content: { ...content, system }, revision: 1 })
  const both = await Promise.all([save('one'), save('two')])
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  const won = both[0].status === 200 ? 'one' : 'two'
  expect((await one.ask(`GET ${at}/${id}`)).body.content.system).toBe(won)
})

test('it is one’s own until it is shared; then others of the tenant read it, and change nothing', async () => {
  const one = await someone()
  const [colleague, stranger] = [await someone(one.ctx), await someone()]
  const { id } = await kept(one)
  expect((await colleague.ask(`GET ${at}/${id}`)).status).toBe(404)
  await one.ask(`PATCH ${at}/${id}`, { shared: true })
  await one.ask(`PATCH ${at}/${id}`, { shared: true })
  expect((await colleague.ask(`GET ${at}/${id}`)).body).toMatchObject({ mine: false, content })
  expect((await colleague.ask(`GET ${at}`)).body.items).toEqual([])
  for (const [route, body] of [
    [`PATCH ${at}/${id}`, { shared: false }],
    [`PUT ${at}/${id}/content`, { content, revision: 1 }],
    [`DELETE ${at}/${id}`, undefined],
  ] as const)
    expect((await colleague.ask(route, body)).status).toBe(404)
  expect((await stranger.ask(`GET ${at}/${id}`)).status).toBe(404)
  const owner = await api.enter('owner', one.ctx)
  const events = await api.send('GET /v1/events?type=playground_shared', undefined, { cookie: owner.cookie })
  expect(events.body.items).toMatchObject([{ subject: id, data: { shared: true } }])
  await one.ask(`PATCH ${at}/${id}`, { shared: false })
  expect((await colleague.ask(`GET ${at}/${id}`)).status).toBe(404)
})

test('what is deleted is gone, comes back for a day, and then never', async () => {
  const one = await someone()
  const { id } = await kept(one)
  expect((await one.ask(`DELETE ${at}/${id}`)).status).toBe(204)
  expect((await one.ask(`DELETE ${at}/${id}`)).status).toBe(404)
  expect((await one.ask(`GET ${at}/${id}`)).status).toBe(404)
  expect((await one.ask(`GET ${at}`)).body.items).toEqual([])
  const forget = (now: number) => withSystem(api.db, (tx) => forgetPlaygrounds(tx, new Date(now), 100))
  await forget(Date.now() + day / 2)
  expect((await (await someone(one.ctx)).ask(`POST ${at}/${id}/restore`)).status).toBe(404)
  expect((await one.ask(`POST ${at}/${id}/restore`)).status).toBe(200)
  expect((await one.ask(`POST ${at}/${id}/restore`)).body).toMatchObject({ id })
  await one.ask(`DELETE ${at}/${id}`)
  await forget(Date.now() + 2 * day)
  expect((await one.ask(`POST ${at}/${id}/restore`)).status).toBe(404)
})

test('what it says is sealed where it is kept', async () => {
  const one = await someone()
  const { body } = await one.ask(`POST ${at}`, { name: 'T', content: { ...content, system: 'The price is secret.' } })
  const row = await api.db.system
    .selectFrom('gateway_playground')
    .select('sealed')
    .where('id', '=', body.id)
    .executeTakeFirstOrThrow()
  expect(row.sealed.toString()).not.toContain('secret')
})

test.each([
  [{ ...content, models: [] }, '/body/content/models'],
  [{ ...content, models: ['a', 'b', 'c', 'd', 'e'] }, '/body/content/models'],
  [{ ...content, parameters: { ...noParameters, temperature: 3 } }, '/body/content/parameters/temperature'],
  [{ ...content, system: 'x'.repeat(600_001) }, '/body/content/system'],
])('%# what it cannot hold is refused, and nothing is lost', async (given, path) => {
  const one = await someone()
  const { id } = await kept(one)
  const refused = await one.ask(`PUT ${at}/${id}/content`, { content: given, revision: 1 })
  expect(refused).toMatchObject({ status: 422, body: { issues: [{ path }] } })
  expect((await one.ask(`GET ${at}/${id}`)).body).toMatchObject({ content, revision: 1 })
})

test('one that begins with a request needs what was recorded of it, and the right to read it', async () => {
  const one = await someone()
  expect((await one.ask(`POST ${at}`, { request: newId('modelRequest') })).status).toBe(403)
  const owner = await api.enter('owner', one.ctx)
  const asked = await api.send(`POST ${at}`, { request: newId('modelRequest') }, { cookie: owner.cookie })
  expect(asked.status).toBe(404)
})
