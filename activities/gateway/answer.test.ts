import { afterAll, expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import { connect } from '#activities/connectors/connect.ts'
import { connectDatabase } from '#activities/database.ts'
import type { Json, JsonObject, JsonSchema } from '#schemas/automation/json.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { gatewayActivities, type AiCall } from './answer.ts'
import { createGateway, type ModelConfig } from './complete.ts'
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
const openai: ModelConfig = {
  provider: 'openai',
  url: `${url}/openai/v1`,
  key: 'sk-sandbox',
  model: 'sandbox-lead-1',
  sandbox: true,
}
const anthropic: ModelConfig = { ...openai, provider: 'anthropic', url: `${url}/anthropic` }
const wires = [openai, anthropic]

const ask = async (config: ModelConfig, more: Partial<AiCall>) =>
  (await gatewayActivities({ db, connectors, gateway: createGateway(config) })['ai.answer']({
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

test.each(wires)('over $provider: without a shape the answer is a text, and says who wrote it', async (config) => {
  const { answer, author, tools } = await ask(config, { system: 'Be short.', prompt: 'Hello there' })
  expect(answer).toContain('Hello there')
  expect(author).toEqual({ by: 'model', name: 'sandbox-lead-1', sandbox: true, repaired: false })
  expect(tools).toEqual([])
})

test.each(wires)('over $provider: an answer comes in any shape, made of what was said', async (config) => {
  const prompt = { firstName: 'Dana', note: 'Wants a test drive', days: 30 }
  expect((await ask(config, { prompt, shape })).answer).toEqual({
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
  expect((await ask(config, { prompt: 'Two days', shape: list, name: 'die Tage!' })).answer).toEqual([0, 0])
})

test.each(wires)(
  'over $provider: a broken answer is repaired once, and one that stays broken is refused',
  async (config) => {
    expect(await ask(config, { prompt: 'Dana [[model:broken-json]]', shape })).toMatchObject({
      author: { repaired: true },
    })
    await expect(ask(config, { prompt: 'Dana [[model:never-json]]', shape })).rejects.toMatchObject({
      code: 'model_refused',
    })
  },
)

test.each(wires)(
  'over $provider: the model looks things up by itself, and answers with what it found',
  async (config) => {
    const { answer, tools } = await ask(config, {
      prompt: 'Who is priya.raman@example.org?',
      shape: { type: 'object', properties: { firstName: { type: 'string' } }, required: ['firstName'] },
      tools: ['dms.find_customer', 'crm.find_contact'],
    })
    expect(tools).toEqual([
      { name: 'dms.find_customer', input: { email: 'priya.raman@example.org' } },
      { name: 'crm.find_contact', input: { email: 'priya.raman@example.org' } },
    ])
    expect(answer).toEqual({ firstName: 'Priya' })
  },
)

test('a model may only use what changes nothing', async () => {
  await expect(ask(openai, { tools: ['mail.send'] })).rejects.toMatchObject({
    code: 'invalid',
    message: /changes something/,
  })
  await expect(ask(openai, { tools: ['crm.erase'] })).rejects.toMatchObject({ code: 'invalid' })
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
  const { answer, tools } = await ask({ ...openai, url: model.url }, { prompt: 'Who?', tools: ['crm.find_contact'] })
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
  const { tools } = await ask({ ...openai, url: model.url }, { tools: ['crm.find_contact'], rounds: 2 }).catch(() => ({
    tools: [],
  }))
  expect(tools).toEqual([])
  const choices = model.asked.map(({ body }) => (JSON.parse(body) as { tool_choice: string }).tool_choice)
  // two rounds with tools, then the answer, which is empty here, and its repair
  expect(choices).toEqual(['auto', 'auto', 'none', 'none'])
})

test('an outage of what a tool asks is tried again later, with the whole question', async () => {
  await sandbox.call('PATCH', '/control/systems/crm', { outage: 'unavailable' })
  const asked = ask(openai, { prompt: 'a@example.com', tools: ['crm.find_contact'] })
  await expect(asked).rejects.toMatchObject({ code: 'connector_unavailable' })
  await sandbox.call('PATCH', '/control/systems/crm', { outage: 'none' })
})
