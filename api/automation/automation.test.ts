import { afterAll, beforeAll, expect, test } from 'vitest'
import { definitionSchema, exportText } from '#schemas/automation/document.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { leadResponse } from '#schemas/templates/lead-response.ts'
import { signedIn } from '#test/harness/people.ts'
import { sender } from '#test/harness/send.ts'
import { openDrawing, withWait, type Drawing } from './fixture.ts'

let drawing: Drawing
beforeAll(async () => {
  drawing = await openDrawing()
})
afterAll(() => drawing[Symbol.asyncDispose]())

test('a new automation is drawn, saved, published and told of, each once', async () => {
  const { call, facts } = await drawing.drawer()
  const made = await call('POST /v1/automations', { name: 'Follow up' })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ handle: 'follow-up', published: null, draft: { revision: 1, changed: true } })
  const at = `/v1/automations/${made.body.handle}`
  const saved = await call(`PUT ${at}/draft`, { definition: withWait('1d'), revision: 1 })
  expect(saved.body.revision).toBe(2)
  await call(`PUT ${at}/draft`, { definition: withWait('2d'), revision: 2 })
  const published = await call(`POST ${at}/publish`, { revision: 3, notes: 'Two days' })
  expect(published.body).toMatchObject({ number: 1, notes: 'Two days', published: true })
  const { automation, definition } = (await call(`GET ${at}`)).body
  expect(automation).toMatchObject({
    published: { version: published.body.version, number: 1, notes: 'Two days' },
    draft: { revision: 3, changed: false },
  })
  expect(definition).toEqual(withWait('2d'))
  expect(await facts(made.body.id)).toEqual(['automation_created', 'automation_draft_saved', 'automation_published'])
})

test('of two who save the same revision the second is shown what the first has saved, and nothing is lost', async () => {
  const { call, ctx } = await drawing.drawer()
  const dana = await signedIn(drawing.app, drawing.database.db, 'admin', ctx)
  const { id } = (await call('POST /v1/automations', { definition: withWait('1d') })).body
  const first = await sender(drawing.app)(
    `PUT /v1/automations/${id}/draft`,
    { definition: withWait('2d'), revision: 1 },
    { cookie: dana.cookie },
  )
  expect(first.status).toBe(200)
  const second = await call(`PUT /v1/automations/${id}/draft`, { definition: withWait('3d'), revision: 1 })
  expect(second.status).toBe(409)
  expect(second.body).toMatchObject({
    code: 'draft_conflict',
    revision: 2,
    definition: withWait('2d'),
    by: { id: dana.user },
  })
  expect((await call(`POST /v1/automations/${id}/publish`, { revision: 1 })).body.code).toBe('draft_conflict')
  const both = await Promise.all(
    ['4d', '5d', '6d'].map((span) =>
      call(`PUT /v1/automations/${id}/draft`, { definition: withWait(span), revision: 2 }),
    ),
  )
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409])
})

test('a draft that says the same as before makes no revision, and one as published no version', async () => {
  const { call, facts } = await drawing.drawer()
  const { id } = (await call('POST /v1/automations', { definition: withWait('1d') })).body
  const at = `/v1/automations/${id}`
  expect((await call(`PUT ${at}/draft`, { definition: withWait('1d'), revision: 1 })).body.revision).toBe(1)
  const [one, again] = [
    await call(`POST ${at}/publish`, { revision: 1, notes: 'First' }),
    await call(`POST ${at}/publish`, { revision: 1, notes: 'Second' }),
  ]
  expect(again.body).toEqual(one.body)
  expect((await call(`GET ${at}/versions`)).body.items).toHaveLength(1)
  expect(await facts(id)).toEqual(['automation_created', 'automation_published'])
})

test('what cannot run is saved but not published, and the refusal says all that is wrong', async () => {
  const { call } = await drawing.drawer()
  const broken: Definition = { ...withWait('soon'), edges: [{ from: 'start', to: 'end' }] }
  const { id } = (await call('POST /v1/automations', { definition: broken })).body
  const refused = await call(`POST /v1/automations/${id}/publish`, { revision: 1 })
  expect(refused).toMatchObject({ status: 422, body: { code: 'automation_invalid' } })
  const codes = refused.body.problems.map((problem: { code: string }) => problem.code)
  expect(codes).toEqual(['unreachable', 'field_invalid'])
  const { problems } = (await call(`POST /v1/automations/${id}/validate`, {})).body
  expect(problems).toEqual(refused.body.problems)
  const mended = await call(`POST /v1/automations/${id}/validate`, { definition: withWait('1d') })
  expect(mended.body).toEqual({ problems: [] })
})

test('a document that is none is refused with where and why', async () => {
  const { call } = await drawing.drawer()
  const refused = await call('POST /v1/automations', { definition: { ...withWait('1d'), edgs: [] } })
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'automation_invalid', detail: '“edgs” is not known in “Automation”. Did you mean “edges”?' },
  })
  expect(refused.body.problems).toMatchObject([{ code: 'malformed', path: '/edgs' }])
})

test('a large automation is taken; one beyond the limit is refused as too large', async () => {
  const { call } = await drawing.drawer()
  const big = { ...withWait('1d'), description: 'x'.repeat(3900) }
  const notes = Array.from({ length: 400 }, (_none, n) => ({
    id: `note_${n}`,
    kind: 'note',
    with: { text: 'y'.repeat(3000) },
  }))
  const taken = await call('POST /v1/automations', { definition: { ...big, nodes: [...big.nodes, ...notes] } })
  expect(taken.status).toBe(201)
  const more = [0, 1].flatMap((half) => notes.map((note) => ({ ...note, id: `${note.id}_${half}` })))
  const refused = await call('POST /v1/automations', { definition: { ...big, nodes: [...big.nodes, ...more] } })
  expect(refused.body.code).toBe('too_large')
})

test('an earlier version is published again, with or without the draft, and both are compared', async () => {
  const { call, facts } = await drawing.drawer()
  const { id } = (await call('POST /v1/automations', { definition: withWait('1d') })).body
  const at = `/v1/automations/${id}`
  const first = (await call(`POST ${at}/publish`, { revision: 1 })).body
  await call(`PUT ${at}/draft`, { definition: withWait('2d'), revision: 1 })
  const second = (await call(`POST ${at}/publish`, { revision: 2 })).body
  expect(second.number).toBe(2)
  const { differences } = (await call(`GET ${at}/diff?from=1&to=2`)).body
  expect(differences).toEqual([
    {
      of: 'node',
      id: 'rest',
      change: 'changed',
      fields: [{ path: '/with/duration', from: '1d', to: '2d' }],
    },
  ])
  expect((await call(`GET ${at}/diff`)).body.differences).toEqual([])
  const back = await call(`POST ${at}/versions/1/publish`, {})
  expect(back.body).toMatchObject({ version: first.version, number: 1, published: true })
  expect((await call(`GET ${at}/versions`)).body.items).toMatchObject([
    { number: 2, published: false },
    { number: 1, published: true },
  ])
  expect((await call(`GET ${at}`)).body.definition).toEqual(withWait('2d'))
  await call(`POST ${at}/versions/${first.version}/publish`, { draft: true })
  const { definition, revision } = (await call(`GET ${at}`)).body
  expect([definition, revision]).toEqual([withWait('1d'), 3])
  const whole = (await call(`GET ${at}/versions/${second.version}`)).body
  expect(whole).toMatchObject({ number: 2, definition: withWait('2d') })
  expect((await call(`GET ${at}/versions/9`)).status).toBe(404)
  expect((await facts(id)).slice(-2)).toEqual(['automation_rolled_back', 'automation_rolled_back'])
})

test('versions come in pages, newest first', async () => {
  const { call } = await drawing.drawer()
  const { id } = (await call('POST /v1/automations', { definition: withWait('1d') })).body
  for (const n of [1, 2, 3]) {
    await call(`POST /v1/automations/${id}/publish`, { revision: n })
    await call(`PUT /v1/automations/${id}/draft`, { definition: withWait(`${n + 1}d`), revision: n })
  }
  const page = (await call(`GET /v1/automations/${id}/versions?limit=2`)).body
  expect(page.items.map((one: { number: number }) => one.number)).toEqual([3, 2])
  const rest = (await call(`GET /v1/automations/${id}/versions?limit=2&cursor=${page.next}`)).body
  expect(rest.items.map((one: { number: number }) => one.number)).toEqual([1])
  expect(rest.next).toBeNull()
  expect((await call(`GET /v1/automations/${id}/versions?cursor=x`)).status).toBe(400)
})

test('what is exported comes back as the same version, and reads line by line', async () => {
  const { call } = await drawing.drawer()
  const { id } = (await call('POST /v1/automations', { definition: leadResponse, handle: 'leads-2' })).body
  const exported = await call(`GET /v1/automations/${id}/export`)
  expect(exported.text).toBe(exportText(leadResponse))
  expect(exported.headers.get('content-disposition')).toBe('attachment; filename="leads-2.json"')
  const imported = (await call('POST /v1/automations', { definition: exported.body })).body
  const versions = await Promise.all(
    [id, imported.id].map((one) => call(`POST /v1/automations/${one}/publish`, { revision: 1 })),
  )
  expect(new Set(versions.map(({ body }) => body.version)).size).toBe(1)
})

test('a copy is drawn alike and stands by itself; its handle and that of an import are free ones', async () => {
  const { call, facts } = await drawing.drawer()
  const { id } = (await call('POST /v1/automations', { definition: withWait('1d') })).body
  const copy = (await call(`POST /v1/automations/${id}/duplicate`, {})).body
  expect(copy).toMatchObject({ handle: 'copy-of-follow-up', name: 'Copy of Follow up', published: null })
  expect((await call(`GET /v1/automations/${copy.id}`)).body.definition).toEqual({
    ...withWait('1d'),
    name: 'Copy of Follow up',
  })
  expect((await call('POST /v1/automations', { definition: withWait('1d') })).body.handle).toBe('follow-up-2')
  const taken = await call('POST /v1/automations', { handle: 'follow-up', definition: withWait('1d') })
  expect(taken).toMatchObject({ status: 409, body: { code: 'already_exists' } })
  expect(await facts(copy.id)).toEqual(['automation_created'])
})

test('an archived automation is out of the list, starts nothing, changes no more, and comes back', async () => {
  const { call, facts } = await drawing.drawer()
  const { id } = (await call('POST /v1/automations', { definition: withWait('1d') })).body
  const at = `/v1/automations/${id}`
  await call(`POST ${at}/publish`, { revision: 1 })
  for (const _time of [1, 2]) expect((await call(`POST ${at}/archive`)).body.archivedAt).not.toBeNull()
  const listed = async (query: string) =>
    (await call(`GET /v1/automations?${query}`)).body.items.map((one: { id: string }) => one.id)
  expect(await listed('')).not.toContain(id)
  expect(await listed('archived=true')).toEqual([id])
  for (const [route, body] of [
    [`PUT ${at}/draft`, { definition: withWait('2d'), revision: 1 }],
    [`POST ${at}/publish`, { revision: 1 }],
    [`POST ${at}/versions/1/publish`, {}],
  ] as const)
    expect((await call(route, body)).body.code, route).toBe('automation_archived')
  expect((await call(`POST ${at}/runs`, {})).body.code).toBe('automation_archived')
  expect((await call(`POST ${at}/restore`)).body.archivedAt).toBeNull()
  expect(await listed('text=follow UP')).toEqual([id])
  expect(await listed('text=nothing')).toEqual([])
  expect((await facts(id)).slice(-2)).toEqual(['automation_archived', 'automation_restored'])
})

test('asking twice under one key makes one automation', async () => {
  const { call } = await drawing.drawer()
  const key = { 'idempotency-key': 'once' }
  const [one, again] = [
    await call('POST /v1/automations', { name: 'Only one' }, key),
    await call('POST /v1/automations', { name: 'Only one' }, key),
  ]
  expect(again.body).toEqual(one.body)
  expect((await call('GET /v1/automations?text=only%20one')).body.items).toHaveLength(1)
})

test('automations and runs are found in every alphabet, by small letters and capitals', async () => {
  const { call } = await drawing.drawer()
  const { body } = await call('POST /v1/automations', { name: 'Žluťoučký kůň · ΔΈΛΤΑ' })
  await call(`POST /v1/automations/${body.id}/publish`, { revision: 1 })
  const input = { email: 'a@example.com', title: 'Grüße' }
  expect((await call(`POST /v1/automations/${body.id}/runs`, { input })).status).toBe(201)
  for (const text of ['Žluťoučký', 'žluťoučký', 'ŽLUŤ KŮŇ', 'δέλτα', 'Δέλτα'])
    for (const list of ['automations', 'runs']) {
      const found = await call(`GET /v1/${list}?text=${encodeURIComponent(text)}`)
      expect([text, list, found.body.items.length]).toEqual([text, list, 1])
    }
  expect((await call(`GET /v1/runs?text=${encodeURIComponent('a\u0000b')}`)).body.items).toEqual([])
})

test('the schema of documents comes with an example of each kind', async () => {
  const { call } = await drawing.drawer()
  const { schema, examples } = (await call('GET /v1/automations/schema')).body
  expect(schema).toEqual(JSON.parse(JSON.stringify(definitionSchema())))
  expect(Object.keys(examples)).toEqual(Object.keys(kinds))
})
