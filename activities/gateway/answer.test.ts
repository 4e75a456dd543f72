import { afterAll, expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import { connect } from '#activities/connectors/connect.ts'
import { connectDatabase } from '#activities/database.ts'
import type { Json, JsonObject, JsonSchema } from '#schemas/automation/json.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { gatewayActivities, type AiCall } from './answer.ts'
import type { PlatformModel } from '#schemas/gateway/platform-model.ts'
import { gatewayOf, sandboxModel } from './fixture.ts'
import type { Accounted } from './relay/accounted.ts'
import { sandboxSystems } from '#workers/config.ts'

const sandbox = await openSandbox()
const { url } = sandbox
// no operation of these tests asks the database
const db = connectDatabase({
  databaseUrl: 'postgres://localhost:1/none',
  key: Buffer.alloc(32).toString('base64'),
  name: 'test',
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  await db.close()
})

const systems = sandboxSystems(url, 'Sales <sales@example.com>')
const connectors = connect({ ...systems, sandbox: true, rehearsal: null })
const model = sandboxModel(url)
const anthropic: PlatformModel = { ...model, kind: 'anthropic', baseUrl: `${url}/anthropic/v1` }
const wires = [model, anthropic]

const ask = async (more: Partial<AiCall>, by = gatewayOf(model)) =>
  (await gatewayActivities({ db, connectors, gateway: by.gateway })['ai.answer']({
    tenant: 'ten_1',
    run: 'run_1',
    origin: 'run_1',
    step: 'ai#0',
    test: false,
    system: null,
    prompt: '',
    shape: null,
    name: 'answer',
    tools: [],
    rounds: 5,
    ...more,
  })) as { answer: Json; author: JsonObject; tools: { name: string; input: JsonObject }[] }
/** The platform's model is this server. */
const of = ({ url: baseUrl }: { url: string }) => gatewayOf({ ...model, baseUrl })

const shape: JsonSchema = {
  type: 'object',
  properties: {
    firstName: { type: 'string' },
    urgent: { type: 'boolean' },
    topic: { type: 'string', enum: ['price', 'test_drive'] },
    days: { type: 'integer', minimum: 1, maximum: 9 },
    city: { type: ['string', 'null'] },
  },
  required: ['firstName', 'urgent', 'topic', 'days'],
  additionalProperties: false,
}

test.each(wires)('as $kind: without a shape the answer is a text, and says who wrote it', async (to) => {
  const { answer, author, tools } = await ask({ system: 'Be short.', prompt: 'Hello there' }, gatewayOf(to))
  expect(answer).toContain('Hello there')
  expect(author).toEqual({ by: 'model', name: 'sandbox-lead-1', sandbox: to.kind === 'sandbox', repaired: false })
  expect(tools).toEqual([])
})

test.each(wires)('as $kind: an answer comes in any shape, made of what was said', async (to) => {
  const prompt = { firstName: 'Dana', note: 'Wants a test drive', days: 30 }
  expect((await ask({ prompt, shape }, gatewayOf(to))).answer).toEqual({
    firstName: 'Dana',
    urgent: false,
    topic: 'test_drive',
    days: 9,
    city: null,
  })
  const list: JsonSchema = {
    type: 'array',
    items: { $ref: '#/$defs/day' },
    minItems: 2,
    $defs: { day: { type: 'integer' } },
  }
  expect((await ask({ prompt: 'Two days', shape: list, name: 'die Tage!' }, gatewayOf(to))).answer).toEqual([0, 0])
})

test.each(wires)('as $kind: a broken answer is repaired once, and one that stays broken is refused', async (to) => {
  expect(await ask({ prompt: 'Dana [[model:broken-json]]', shape }, gatewayOf(to))).toMatchObject({
    author: { repaired: true },
  })
  await expect(ask({ prompt: 'Dana [[model:never-json]]', shape }, gatewayOf(to))).rejects.toMatchObject({
    code: 'model_refused',
  })
})

test.each(wires)('as $kind: the model looks things up by itself, and answers with what it found', async (to) => {
  const { answer, tools } = await ask(
    {
      prompt: 'Who is priya.raman@example.org?',
      shape: { type: 'object', properties: { firstName: { type: 'string' } }, required: ['firstName'] },
      tools: ['dms.find_customer', 'crm.find_contact'],
    },
    gatewayOf(to),
  )
  expect(tools).toEqual([
    { name: 'dms.find_customer', input: { email: 'priya.raman@example.org' } },
    { name: 'crm.find_contact', input: { email: 'priya.raman@example.org' } },
  ])
  expect(answer).toEqual({ firstName: 'Priya' })
})

test('a model may only use what changes nothing', async () => {
  await expect(ask({ tools: ['mail.send'] })).rejects.toMatchObject({
    code: 'invalid',
    message: /changes something/,
  })
  await expect(ask({ tools: ['crm.erase'] })).rejects.toMatchObject({ code: 'invalid' })
})

const said = (message: object) => ({
  status: 200,
  body: JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message } }] }),
})
const calling = (name: string, text: string) =>
  said({ content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: text } }] })

test('a tool that will not work tells the model why, and it may answer all the same', async () => {
  await using model = await startSystem(
    calling('crm__find_contact', '{"email":7}'),
    calling('crm__delete', 'not json'),
    said({ content: 'Nobody.' }),
  )
  const { answer, tools } = await ask({ prompt: 'Who?', tools: ['crm.find_contact'] }, of(model))
  expect([answer, tools.map(({ name }) => name)]).toEqual(['Nobody.', ['crm.find_contact', 'crm.delete']])
  const { messages } = JSON.parse(model.asked[2]!.body) as { messages: { role: string; content: string }[] }
  const told = messages.filter(({ role }) => role === 'tool').map(({ content }) => content)
  expect(told).toEqual([
    expect.stringMatching(/cannot work with this input/),
    expect.stringMatching(/no tool crm.delete/),
  ])
})

test('a model that never stops asking has to answer after its rounds', async () => {
  await using model = await startSystem(calling('crm__find_contact', '{"email":"a@example.com"}'))
  const { tools } = await ask({ tools: ['crm.find_contact'], rounds: 2 }, of(model)).catch(() => ({
    tools: [],
  }))
  expect(tools).toEqual([])
  const choices = model.asked.map(({ body }) => (JSON.parse(body) as { tool_choice: string }).tool_choice)
  // two rounds with tools, then the answer, which is empty here, and its repair
  expect(choices).toEqual(['auto', 'auto', 'none', 'none'])
})

test('an outage of what a tool asks is tried again later, with the whole question', async () => {
  await sandbox.call('PATCH', '/control/systems/crm', { outage: 'unavailable' })
  const asked = ask({ prompt: 'a@example.com', tools: ['crm.find_contact'] })
  await expect(asked).rejects.toMatchObject({ code: 'connector_unavailable' })
  await sandbox.call('PATCH', '/control/systems/crm', { outage: 'none' })
})

test('a step that is done again after its worker died is not paid for again; another step is', async () => {
  await using server = await startSystem(said({ content: 'Good morning.' }))
  const by = of(server)
  const died = await ask({ prompt: 'Greet' }, by)
  expect(await ask({ prompt: 'Greet' }, by)).toEqual(died)
  expect(server.asked).toHaveLength(1)
  await ask({ prompt: 'Greet', step: 'ai#1' }, by)
  await ask({ prompt: 'Greet', path: 'sub#0/' }, by)
  await ask({ prompt: 'Greet', run: 'run_2', origin: 'run_2' }, by)
  expect(server.asked).toHaveLength(4)
  const keys = new Set(server.asked.map(({ headers }) => headers['idempotency-key']))
  expect(keys.size).toBe(4)
})

test('a step that failed asks anew when it is tried again', async () => {
  const broken = said({ content: 'no JSON' })
  await using server = await startSystem(broken, broken, said({ content: '{"firstName":"Dana"}' }))
  const by = of(server)
  const asked = { prompt: 'Who?', shape: { type: 'object', required: ['firstName'] } }
  await expect(ask(asked, by)).rejects.toMatchObject({ code: 'model_refused' })
  expect((await ask(asked, by)).answer).toEqual({ firstName: 'Dana' })
})

test('what a run asks is accounted as of that run, with what it took; the sandbox costs nothing', async () => {
  const by = gatewayOf(model)
  await ask({ prompt: 'Hello' }, by)
  expect(by.accounted).toMatchObject([
    {
      tenant: 'ten_1',
      run: 'run_1',
      key: null,
      asked: 'default',
      kind: 'sandbox',
      model: 'sandbox-lead-1',
      outcome: 'ok',
    },
  ])
  const [{ tokens, price }] = by.accounted as [Accounted]
  expect(tokens?.output).toBeGreaterThan(0)
  expect(price).toMatchObject({ nano: 0 })
})

test('a model that is not there is said so, by its name', async () => {
  await expect(ask({ prompt: 'Hello', model: 'clever' })).rejects.toMatchObject({
    code: 'model_refused',
    message: expect.stringContaining('There is no model “clever” here.'),
  })
})

test('a provider that names a time is asked again no sooner', async () => {
  await using server = await startSystem({
    status: 429,
    headers: { 'retry-after': '7' },
    body: '{"error":{"message":"Slowly."}}',
  })
  await expect(ask({ prompt: 'Hello' }, of(server))).rejects.toMatchObject({
    code: 'unavailable',
    extra: { retryAfterMs: 7000 },
  })
})
