import { expect, test } from 'vitest'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { createLog } from '#activities/log.ts'
import { newId } from '#schemas/ids.ts'
import { accounted } from '#test/harness/accounted.ts'
import { ownApi } from '#test/harness/own-api.ts'
import { withKey } from '#test/harness/people.ts'

const api = ownApi({ log: createLog('test', 'error', () => {}) })
const { send } = api

/** A tenant with a provider of each wire, a route `fast` to the first, a key, and a policy with this draft. */
const written = async (rules: string) => {
  const { authorization, ctx } = await withKey(api.db)
  const ask = (route: string, body?: unknown) => send(route, body, { authorization })
  await ask('POST /v1/gateway/providers', { kind: 'openai', name: 'openai', apiKey: 'sk-1' })
  await ask('POST /v1/gateway/providers', { kind: 'anthropic', name: 'claude', apiKey: 'sk-2' })
  const targets = [{ provider: 'openai', model: 'gpt-5-mini' }]
  await ask('POST /v1/gateway/routes', { alias: 'fast', targets })
  const key = (await ask('POST /v1/gateway/keys', { name: 'Desk', tags: { store: 'north' } })).body.id as string
  const { id } = (await ask('POST /v1/steering/policies', { text: `name: Test\nrules:\n${rules}` })).body
  const tryOut = (request: object, more: object = {}) =>
    ask(`POST /v1/steering/policies/${id}/test`, { request, ...more })
  return { ask, ctx, key, id: id as string, tryOut }
}
const question = { model: 'fast', messages: [{ role: 'user', content: 'What does the contract say?' }] }
const rules = `
  - { id: night, when: request.model == "fast" && now.year < 2000, decide: { route: fast } }
  - { id: legal, for: { keys: [Desk] }, when: prompt.text.contains("contract"), decide: { deny: { reason: No contracts. } } }
  - id: careful
    when: request.stream == false
    also: { set: { temperature: 0 }, tag: [careful] }
    decide: { route: [{ provider: openai, model: gpt-5, weight: 3 }, { provider: claude, model: claude-sonnet-4-5 }] }
`

test('of a request it is told why each rule holds or not, and what would be sent to whom', async () => {
  const { tryOut, id } = await written(rules)
  const { status, body } = await tryOut({ body: question })
  expect(status).toBe(200)
  const told = body.rules.map(({ rule, result, why }: { rule: string; result: string; why: string }) => [
    rule,
    result,
    why,
  ])
  expect(told).toEqual([
    ['legal', 'outside', 'It is for other keys.'],
    ['night', 'no', 'This does not hold: now.year < 2000'],
    ['careful', 'held', 'It decided.'],
  ])
  expect(body).toMatchObject({ by: { policy: id, number: null, rule: 'careful' }, tags: ['careful'], refusal: null })
  expect(body.sent).toMatchObject([
    { provider: 'openai', model: 'gpt-5', share: 0.75, path: '/chat/completions', why: null },
    { provider: 'claude', model: 'claude-sonnet-4-5', share: 0.25, path: '/messages', why: null },
  ])
  expect(JSON.parse(body.sent[0].body)).toEqual({ temperature: 0, ...question, model: 'gpt-5' })
  expect(JSON.parse(body.sent[1].body)).toMatchObject({ model: 'claude-sonnet-4-5', temperature: 0 })
})

test('what would be left out of a request is left out of what is shown', async () => {
  const { tryOut } = await written(`
  - { id: long, when: request.maxTokens == 7, also: { set: { trim: true } } }
`)
  const passage = 'The warranty covers the engine and the gearbox for three years. '.repeat(5)
  const messages = [passage, passage, 'For how long?'].map((content) => ({ role: 'user', content }))
  const sent = async (body: object) =>
    JSON.parse((await tryOut({ body })).body.sent[0].body as string) as { messages: { content: string }[] }
  const trimmed = await sent({ model: 'fast', max_tokens: 7, messages })
  expect(trimmed.messages.map(({ content }) => content.startsWith('[The same passage'))).toEqual([false, true, false])
  expect((await sent({ model: 'fast', messages })).messages).toEqual(messages)
})

test('it is tried as a key asks, and a refusal is told as its caller would see it', async () => {
  const { tryOut, key } = await written(rules)
  expect((await tryOut({ body: question, key })).body).toMatchObject({
    by: { rule: 'legal' },
    refusal: { status: 403, code: 'denied_by_rule', message: 'No contracts.' },
    sent: [],
  })
  const gone = { body: question, key: newId('virtualKey') }
  expect((await tryOut(gone)).body.issues).toMatchObject([{ path: '/body/request/key' }])
})

test('a text that is not saved can be tried, with the other policies that are in force', async () => {
  const { ask, tryOut, id } = await written(rules)
  const text = 'name: Other\nrules:\n  - { id: all, decide: { deny: { reason: Closed., status: unavailable } } }\n'
  const other = (await ask('POST /v1/steering/policies', { text })).body.id as string
  await ask(`POST /v1/steering/policies/${other}/publish`, { revision: 1 })
  const { body } = await tryOut({ body: question }, { text: 'name: Mine\nrules: []\n' })
  expect(body).toMatchObject({ by: { policy: other, number: 1, rule: 'all' }, refusal: { status: 503 } })
  expect((await tryOut({ body: question })).body.by).toMatchObject({ policy: id, rule: 'careful' })
  const broken = await tryOut(
    { body: question },
    { text: 'name: Mine\nrules: [{ id: a, when: nope, decide: { keep: true } }]\n' },
  )
  expect(broken.body).toMatchObject({ code: 'policy_invalid', problems: [{ code: 'unknown_name' }] })
})

test('of a recorded request, what was not kept of it is not guessed', async () => {
  const { tryOut, ctx, key } = await written(rules)
  const id = newId('modelRequest')
  await writeRequests(api.db, [{ ...accounted, id, tenant: ctx.tenant, key, tags: { store: 'north' } }])
  const { body } = await tryOut({ recorded: id })
  expect(body.rules).toMatchObject([
    { rule: 'legal', result: 'unrecorded', why: 'Of recorded requests “prompt” is not kept: it cannot be told.' },
    { rule: 'night', result: 'no' },
    { rule: 'careful', result: 'held' },
  ])
  expect(body.sent).toMatchObject([{ provider: 'openai', model: 'gpt-5', body: null }, { provider: 'claude' }])
  expect((await tryOut({ recorded: newId('modelRequest') })).status).toBe(422)
})

test('a body that is no request is refused with what is wrong with it', async () => {
  const { tryOut } = await written(rules)
  expect((await tryOut({ body: { model: '' } })).body).toMatchObject({ code: 'invalid' })
  expect((await tryOut({ body: [] })).status).toBe(422)
  expect((await tryOut({ body: question, operation: 'images' })).status).toBe(422)
  const unreadable = await tryOut({ body: { model: 'claude/x', messages: 7 } })
  expect(unreadable).toMatchObject({ status: 200, body: { by: { rule: 'careful' } } })
})

test('a rule that reads a budget is told how it stands now', async () => {
  const { ask, tryOut, key } = await written(`
  - { id: dear, when: budget.key.used < 0.5 && budget.remaining < 6.0, decide: { keep: true } }`)
  const subject = { kind: 'key', key }
  await ask('POST /v1/gateway/budgets', { name: 'Desk', subject, unit: 'usd', limits: [{ per: 'day', limit: 5 }] })
  expect((await tryOut({ body: question, key })).body.rules).toMatchObject([
    {
      result: 'held',
      reads: [
        { name: 'budget.key.used', value: 0 },
        { name: 'budget.remaining', value: 5 },
      ],
    },
  ])
  expect((await tryOut({ body: question })).body.rules).toMatchObject([{ result: 'no' }])
})
