import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, createParts } from '#api/app.ts'
import { testApiDeps } from '#test/harness/api.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'
import { openLine, untilRow } from '#test/harness/live.ts'
import { withKey } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'
import { until } from '#test/harness/until.ts'

let database: TestDatabase
let parts: ReturnType<typeof createParts>
let app: ReturnType<typeof createApp>
beforeAll(async () => {
  database = await testDatabase()
  const deps = testApiDeps(database, { recheckEveryMs: 3_600_000 })
  parts = createParts(deps)
  app = createApp(deps, parts)
})
afterAll(async () => {
  parts.hub.stop()
  await database[Symbol.asyncDispose]()
})
const request = (path: string, init: RequestInit) => app.request(path, init)

test('who draws hears of it when somebody else saves or publishes, and nobody at another tenant does', async () => {
  const [ours, theirs] = [await withKey(database.db), await withKey(database.db)]
  const as = { authorization: ours.authorization }
  const send = sender(app)
  const { id } = (await send('POST /v1/automations', { name: 'Watched' }, as)).body
  const { definition } = (await send(`GET /v1/automations/${id}`, undefined, as)).body
  await using drawing = await openLine([`automation:${id}`], { ...ours, request })
  await using list = await openLine(['automations'], { ...ours, request })
  await using other = await openLine(['automations'], { ...theirs, request })
  await until('the lines have begun', async () => [drawing, list, other].every((line) => line.heard.length > 1))
  await send(`PUT /v1/automations/${id}/draft`, { definition: { ...definition, name: 'Renamed' }, revision: 1 }, as)
  const revision = (row: object) => (row as { draft: { revision: number } }).draft.revision
  await untilRow(drawing, `automation:${id}`, 'the save arrives', (row) => revision(row) === 2)
  await untilRow(list, 'automations', 'the list shows its new name', (row) => row['name'] === 'Renamed')
  await send(`POST /v1/automations/${id}/publish`, { revision: 2 }, as)
  await untilRow(drawing, `automation:${id}`, 'it is published', (row) => row['published'] !== null)
  expect(other.rows('automations').map((row) => row.id)).not.toContain(id)
})

test('a topic of another tenant’s automation is refused as one that there is not, and any without the scope', async () => {
  const [ours, theirs] = [await withKey(database.db), await withKey(database.db)]
  const narrow = await withKey(database.db, ['runs:read'], ours.ctx)
  const { id } = (await sender(app)('POST /v1/automations', {}, { authorization: ours.authorization })).body
  const ask = async (topic: string, { authorization }: { authorization: string }) =>
    (await request(`/v1/live?topic=${topic}`, { headers: { authorization } })).status
  expect(await ask(`automation:${id}`, theirs)).toBe(404)
  expect(await ask(`automation:${id}`, narrow)).toBe(403)
  expect(await ask('automations', narrow)).toBe(403)
  expect(await ask('automation:lead-response', ours)).toBe(400)
})
