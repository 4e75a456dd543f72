import { expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { mostRules } from '#schemas/steering/document.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'

const api = ownApi({ log: createLog('test', 'error', () => {}) })
const { send, someone } = api
const rules = (lines: string) => `name: House rules\nrules:\n${lines}`
const keep = rules('  # why\n  - id: all\n    decide: { keep: true }\n')
const deny = rules('  - id: all\n    decide: { deny: { reason: We are closed. } }\n')

/** A policy with this draft, and how to ask about it. */
const written = async (text = keep) => {
  const ask = await someone()
  const { body } = await ask('POST /v1/steering/policies', { text })
  const at = `/v1/steering/policies/${body.id}`
  return { ask, at, id: body.id as string }
}

test('a policy is written, saved, published, and read as it was written', async () => {
  const { ask, at, id } = await written()
  expect((await ask(`GET ${at}`)).body).toMatchObject({
    policy: { id, name: 'House rules', published: null, keys: [], draft: { revision: 1, changed: true } },
    text: keep,
    revision: 1,
  })
  expect((await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })).body.revision).toBe(2)
  const made = await ask(`POST ${at}/publish`, { revision: 2, notes: 'Closed in winter.' })
  expect(made).toMatchObject({
    status: 200,
    body: { number: 1, rules: 1, notes: 'Closed in winter.', published: true },
  })
  expect((await ask(`GET ${at}/versions/1`)).body).toMatchObject({ version: made.body.version, text: deny })
  const { items } = (await ask('GET /v1/steering/policies')).body
  expect(items).toMatchObject([{ published: { number: 1, notes: 'Closed in winter.' }, draft: { changed: false } }])
  const { items: told } = (await ask('GET /v1/events')).body as { items: { type: string }[] }
  expect(
    told
      .slice(0, 3)
      .map(({ type }) => type)
      .toReversed(),
  ).toEqual(['policy_created', 'policy_draft_saved', 'policy_published'])
})

test('a text that says the same as a version becomes no second one', async () => {
  const { ask, at } = await written()
  const first = await ask(`POST ${at}/publish`, { revision: 1 })
  expect((await ask(`POST ${at}/publish`, { revision: 1 })).body.version).toBe(first.body.version)
  await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })
  expect((await ask(`POST ${at}/publish`, { revision: 2 })).body.number).toBe(2)
  await ask(`PUT ${at}/draft`, { text: keep, revision: 2 })
  expect((await ask(`POST ${at}/publish`, { revision: 3 })).body).toMatchObject({ number: 1, published: true })
})

test('of two who save the second is refused, with what the first has saved', async () => {
  const { ask, at } = await written()
  await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })
  const late = await ask(`PUT ${at}/draft`, { text: keep, revision: 1 })
  expect(late).toMatchObject({ status: 409, body: { code: 'draft_conflict', revision: 2, text: deny } })
  expect((await ask(`POST ${at}/publish`, { revision: 1 })).body.code).toBe('draft_conflict')
})

test('an unfinished text is saved, and what is wrong with it is told with its place', async () => {
  const { ask, at } = await written()
  const broken = rules('  - id: all\n    when: request.modle == "a"\n    decide: { route: fast }\n')
  expect((await ask(`PUT ${at}/draft`, { text: broken, revision: 1 })).status).toBe(200)
  const { problems } = (await ask(`POST ${at}/validate`, {})).body
  expect(problems).toMatchObject([
    {
      code: 'unknown_name',
      rule: 'all',
      path: '/rules/0/when',
      span: { start: { line: 4, column: 19 } },
      fix: { splices: [{ text: 'model' }] },
    },
    { code: 'unknown_alias', message: 'There is no route “fast”.' },
  ])
  expect(await ask(`POST ${at}/publish`, { revision: 2 })).toMatchObject({
    status: 422,
    body: { code: 'policy_invalid', problems: [{ code: 'unknown_name' }, { code: 'unknown_alias' }] },
  })
  expect((await ask(`GET ${at}/versions`)).body.items).toEqual([])
})

test.each([
  ['nothing', ''],
  ['no YAML', 'name: "a'],
  ['another thing', '- 1\n- 2\n'],
  ['a number', '7'],
  ['a bomb of aliases', `a: &a [x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nname: d\nrules: *c\n`],
  ['a type of its own', 'name: !!js/function "a"\nrules: []\n'],
  ['a text of 600 kB', `name: a\n# ${'ä'.repeat(300_000)}\nrules: []\n`],
])('%s is told to be no document of rules, and cannot be published', async (_, text) => {
  const { ask, at } = await written()
  const { status, body } = await ask(`POST ${at}/validate`, { text })
  expect(status).toBe(200)
  expect(body.problems.filter(({ level }: { level: string }) => level === 'error')).not.toEqual([])
  await ask(`PUT ${at}/draft`, { text, revision: 1 })
  expect((await ask(`POST ${at}/publish`, { revision: 2 })).body.code).toBe('policy_invalid')
})

test.each([
  ['a number for a text', { text: 7, revision: 1 }, 422],
  ['no revision', { text: keep }, 422],
  ['what nobody knows', { text: keep, revision: 1, name: 'a' }, 422],
  ['a text of 1 MB', { text: 'x'.repeat(1_000_000), revision: 1 }, 422],
  ['a body of 3 MB', { text: 'x'.repeat(3_000_000), revision: 1 }, 413],
])('a draft that is %s is refused', async (_, body, status) => {
  const { ask, at } = await written()
  expect((await ask(`PUT ${at}/draft`, body)).status).toBe(status)
})

test('what differs is told line by line, and rule by rule', async () => {
  const { ask, at } = await written()
  await ask(`POST ${at}/publish`, { revision: 1 })
  await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })
  const { body } = await ask(`GET ${at}/diff`)
  expect(body.differences).toMatchObject([{ rule: 'all', change: 'changed', fields: [{}, {}] }])
  expect(body.lines.map(({ change, text }: { change: string; text: string }) => `${change[0]} ${text}`)).toEqual([
    's name: House rules',
    's rules:',
    'r   # why',
    's   - id: all',
    'r     decide: { keep: true }',
    'a     decide: { deny: { reason: We are closed. } }',
    's ',
  ])
  await ask(`PUT ${at}/draft`, { text: 'name: "a', revision: 2 })
  expect((await ask(`GET ${at}/diff`)).body.differences).toBeNull()
  expect((await ask(`GET ${at}/diff?from=9`)).status).toBe(404)
})

test('an earlier version is in force again, and the draft goes back with it where that is asked', async () => {
  const { ask, at } = await written()
  await ask(`POST ${at}/publish`, { revision: 1 })
  await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })
  await ask(`POST ${at}/publish`, { revision: 2 })
  expect((await ask(`POST ${at}/versions/1/publish`, {})).body).toMatchObject({ number: 1, published: true })
  expect((await ask(`GET ${at}`)).body).toMatchObject({ policy: { published: { number: 1 } }, text: deny })
  await ask(`POST ${at}/versions/1/publish`, { draft: true })
  expect((await ask(`GET ${at}`)).body).toMatchObject({
    text: keep,
    revision: 3,
    policy: { draft: { changed: false } },
  })
  const told = (await ask('GET /v1/events')).body.items as { type: string; data: object }[]
  expect(told.find(({ type }) => type === 'policy_rolled_back')).toMatchObject({ data: { number: 1, draft: true } })
})

test('one key can have another version than everybody, until it is taken back', async () => {
  const { ask, at } = await written()
  const key = (await ask('POST /v1/gateway/keys', { name: 'Desk' })).body.id as string
  await ask(`POST ${at}/publish`, { revision: 1 })
  await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })
  expect((await ask(`POST ${at}/publish`, { revision: 2, key })).body).toMatchObject({ number: 2, published: false })
  expect((await ask(`GET ${at}`)).body.policy).toMatchObject({
    published: { number: 1 },
    keys: [{ number: 2, key: { id: key, name: 'Desk' } }],
    draft: { changed: true },
  })
  expect((await ask(`DELETE ${at}/keys/${key}`)).body).toMatchObject({ keys: [], published: { number: 1 } })
  expect((await ask(`DELETE ${at}/keys/${key}`)).status).toBe(404)
  expect((await ask(`POST ${at}/publish`, { revision: 2, key: `vky_${'0'.repeat(26)}` })).body.issues).toMatchObject([
    { path: '/body/key' },
  ])
})

test('an archived policy stands among the archived, and takes no change until it is back', async () => {
  const { ask, at } = await written()
  await ask(`POST ${at}/publish`, { revision: 1 })
  expect((await ask(`POST ${at}/archive`)).body.archivedAt).not.toBeNull()
  expect((await ask('GET /v1/steering/policies')).body.items).toEqual([])
  expect((await ask('GET /v1/steering/policies?archived=true')).body.items).toHaveLength(1)
  expect((await ask(`PUT ${at}/draft`, { text: deny, revision: 1 })).body.code).toBe('policy_archived')
  expect((await ask(`POST ${at}/restore`)).body).toMatchObject({ archivedAt: null, published: { number: 1 } })
})

test('more rules together than one decision looks at cannot be put in force', async () => {
  const many = (n: number) =>
    rules(
      Array.from(
        { length: n },
        (_, at) => `  - { id: r${at}, when: 'request.model == "${at}"', decide: { keep: true } }\n`,
      ).join(''),
    )
  const { ask, at } = await written(many(mostRules))
  expect((await ask(`POST ${at}/publish`, { revision: 1 })).status).toBe(200)
  const other = (await ask('POST /v1/steering/policies', { text: many(1) })).body.id as string
  expect((await ask(`POST /v1/steering/policies/${other}/publish`, { revision: 1 })).body).toMatchObject({
    code: 'policy_invalid',
    detail: 'With it 2001 rules would be in force; 2000 are the most.',
  })
  await ask(`POST ${at}/archive`)
  expect((await ask(`POST /v1/steering/policies/${other}/publish`, { revision: 1 })).status).toBe(200)
  expect((await ask(`POST ${at}/restore`)).body.code).toBe('policy_invalid')
})

test('who may write does not publish, unless that is theirs too', async () => {
  const { ctx } = await withKey(api.db)
  const writer = await withKey(api.db, ['steering:read', 'steering:write'], ctx)
  const ask = (route: string, body?: unknown) => send(route, body, { authorization: writer.authorization })
  const { id } = (await ask('POST /v1/steering/policies', { text: keep })).body
  expect((await ask(`POST /v1/steering/policies/${id}/publish`, { revision: 1 })).body).toMatchObject({
    code: 'forbidden',
    detail: 'This needs the scope steering:publish.',
  })
})
