import { expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { ownApi } from '#test/harness/own-api.ts'

const logged: string[] = []
const api = ownApi({ log: createLog('test', 'debug', (line) => void logged.push(line)) })
const { someone } = api
const openai = { kind: 'openai', name: 'openai', apiKey: 'sk-proj-a-secret-of-the-north' }
const toMini = { targets: [{ provider: 'openai', model: 'gpt-5-mini' }] }

test('a provider is added with its key, gets a second one, and its keys are never answered, logged or told of', async () => {
  const ask = await someone()
  const added = await ask('POST /v1/gateway/providers', openai)
  expect(added).toMatchObject({
    status: 201,
    body: { baseUrl: 'https://api.openai.com/v1', enabled: true, routes: [] },
  })
  expect(added.body.keys).toMatchObject([{ label: 'Key', hint: '…orth' }])
  const second = await ask('POST /v1/gateway/providers/openai/keys', {
    apiKey: 'sk-second-secret-0001',
    label: 'Second',
  })
  expect(second.body.keys).toMatchObject([{ label: 'Key' }, { label: 'Second', hint: '…0001' }])
  const [first] = second.body.keys
  const ended = await ask(`DELETE /v1/gateway/providers/openai/keys/${first.id}`)
  expect(ended.body.keys).toMatchObject([{ label: 'Second' }])
  const told = [
    added.text,
    second.text,
    (await ask('GET /v1/gateway/providers')).text,
    (await ask('GET /v1/events')).text,
  ]
  for (const text of [...told, ...logged]) expect(text).not.toMatch(/secret-of-the-north|second-secret/)
  const sealed = await api.db.system.selectFrom('gateway_provider_key').select('sealed').execute()
  for (const row of sealed) expect(row.sealed.toString('latin1')).not.toContain('secret')
})

test('what a kind of provider wants is asked for, with the field that lacks', async () => {
  const ask = await someone()
  expect(await ask('POST /v1/gateway/providers', { kind: 'openai', name: 'openai' })).toMatchObject({
    status: 422,
    body: { issues: [{ path: '/body/apiKey', message: 'OpenAI wants a key' }] },
  })
  expect(await ask('POST /v1/gateway/providers', { kind: 'compatible', name: 'local' })).toMatchObject({
    status: 422,
    body: { issues: [{ path: '/body/baseUrl' }] },
  })
  const local = { kind: 'compatible', name: 'local', baseUrl: 'http://gpu-1:8000/v1/' }
  expect((await ask('POST /v1/gateway/providers', local)).body.baseUrl).toBe('http://gpu-1:8000/v1')
  expect((await ask('PATCH /v1/gateway/providers/local', { baseUrl: null })).status).toBe(422)
  expect((await ask('PATCH /v1/gateway/providers/local', {})).status).toBe(200)
  expect((await ask('POST /v1/gateway/providers', local)).body.code).toBe('already_exists')
})

test('each kind of provider tells what it wants', async () => {
  const ask = await someone()
  const { items } = (await ask('GET /v1/gateway/kinds')).body
  expect(items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'openai', baseUrl: 'https://api.openai.com/v1', key: 'needed' }),
      expect.objectContaining({ kind: 'compatible', title: 'OpenAI-compatible', baseUrl: null, key: 'optional' }),
    ]),
  )
})

test('a route leads to providers that are there, and those stay while it does', async () => {
  const ask = await someone()
  const early = await ask('POST /v1/gateway/routes', { alias: 'fast', ...toMini })
  expect(early.body.issues).toEqual([{ path: '/body/targets/0/provider', message: 'there is no provider “openai”' }])
  await ask('POST /v1/gateway/providers', openai)
  const route = await ask('POST /v1/gateway/routes', { alias: 'fast', ...toMini })
  expect(route.body).toMatchObject({ alias: 'fast', targets: [{ model: 'gpt-5-mini', weight: 1, priority: 0 }] })
  expect((await ask('GET /v1/gateway/providers/openai')).body.routes).toEqual(['fast'])
  expect((await ask('DELETE /v1/gateway/providers/openai')).body).toMatchObject({
    code: 'provider_in_use',
    detail: 'The route “fast” leads to it.',
  })
  expect((await ask('POST /v1/gateway/routes', { alias: 'fast', ...toMini })).body.code).toBe('already_exists')
  expect((await ask(`DELETE /v1/gateway/routes/${route.body.id}`)).status).toBe(204)
  expect((await ask('DELETE /v1/gateway/providers/openai')).status).toBe(204)
})

test('a route in which nobody has a share is refused', async () => {
  const ask = await someone()
  await ask('POST /v1/gateway/providers', openai)
  const targets = [{ provider: 'openai', model: 'gpt-5-mini', weight: 0 }]
  expect((await ask('POST /v1/gateway/routes', { alias: 'fast', targets })).status).toBe(422)
})

test('a key for models tells its secret once, is rotated with an overlap, and ends when it is revoked', async () => {
  const ask = await someone()
  const made = await ask('POST /v1/gateway/keys', { name: 'Desk', models: ['fast'], tags: { store: 'north' } })
  expect(made).toMatchObject({ status: 201, body: { models: ['fast'], tags: { store: 'north' }, overlapUntil: null } })
  expect(made.body.key).toMatch(/^sk-aut-[\w-]{43}$/)
  const { id, key } = made.body
  const rotated = await ask(`POST /v1/gateway/keys/${id}/rotate`, { overlapHours: 2 })
  expect(rotated.body.key).not.toBe(key)
  expect(Date.parse(rotated.body.overlapUntil)).toBeGreaterThan(Date.now() + 3_600_000)
  const list = await ask('GET /v1/gateway/keys')
  expect(list.body.items).toMatchObject([{ id, hint: rotated.body.key.slice(0, 11) }])
  expect(list.text).not.toContain(rotated.body.key)
  expect((await ask(`PATCH /v1/gateway/keys/${id}`, { tags: { Store: 'north' } })).body.issues).toEqual([
    { path: '/body/tags/Store', message: 'is a name of at most 40 small letters, digits, _ and -, a letter first' },
  ])
  const changed = await ask(`PATCH /v1/gateway/keys/${id}`, { models: null })
  expect(changed.body).toMatchObject({ name: 'Desk', models: null, tags: { store: 'north' } })
  expect((await ask(`DELETE /v1/gateway/keys/${id}`)).body.revokedAt).not.toBeNull()
  expect((await ask(`POST /v1/gateway/keys/${id}/rotate`)).body.code).toBe('conflict')
})
