import { afterAll, expect, test } from 'vitest'
import { toJSONSchema } from 'zod'
import { startSystem } from '#activities/connectors/fixture.ts'
import type { JsonSchema } from '#schemas/automation/json.ts'
import { LeadReading } from '#schemas/leads/shape.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { createGateway, type ModelConfig, type Turn } from './complete.ts'

const sandbox = await openSandbox()
afterAll(() => sandbox[Symbol.asyncDispose]())

const openai = (url: string): ModelConfig => ({
  provider: 'openai',
  url,
  key: 'sk-sandbox',
  model: 'sandbox-lead-1',
  sandbox: true,
})
const gateway = createGateway(openai(`${sandbox.url}/openai/v1`))
const turnsOf = (scenario: Parameters<typeof makeLead>[1] = {}): Turn[] => [
  { role: 'system', content: 'Answer leads.' },
  { role: 'user', content: JSON.stringify(makeLead('gateway', scenario).json) },
]
const schema = toJSONSchema(LeadReading, { target: 'draft-7' }) as JsonSchema
const ask = (turns = turnsOf(), by = gateway) => by.complete({ schema, name: 'lead_reading', turns })

test('an answer comes in the asked shape', async () => {
  const { value, repaired } = await ask()
  expect(LeadReading.parse(value)).toEqual(value)
  expect(repaired).toBe(false)
})

test('a broken answer is sent back once and repaired; one that stays broken is refused', async () => {
  expect(await ask(turnsOf({ scenario: 'model_broken_json' }))).toMatchObject({ repaired: true })
  await expect(ask(turnsOf({ scenario: 'model_never_json' }))).rejects.toMatchObject({
    code: 'model_refused',
    message: /twice: It is not JSON/,
  })
})

test('a model that fails, is cut off or is asked with a wrong key: only the last is for good', async () => {
  await expect(ask(turnsOf({ scenario: 'model_error' }))).rejects.toMatchObject({ code: 'unavailable' })
  await using cutting = await startSystem('cut')
  await expect(ask(turnsOf(), createGateway(openai(cutting.url)))).rejects.toMatchObject({ code: 'unavailable' })
  const stranger = createGateway({ ...openai(`${sandbox.url}/openai/v1`), key: 'sk-wrong' })
  await expect(ask(turnsOf(), stranger)).rejects.toMatchObject({ code: 'model_refused' })
})

test('an ask that is given up ends at once', async () => {
  await using silent = await startSystem('silence')
  const giveUp = AbortSignal.timeout(20)
  const asked = createGateway(openai(silent.url)).complete({ schema, turns: turnsOf(), signal: giveUp })
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
})

const reading = { intent: 'buy', urgency: 'high', summary: 'Wants an Outback.', reply: 'Hello Dana' }
const message = (content: object[]) => ({
  status: 200,
  body: JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content,
    stop_reason: 'tool_use',
    usage: { input_tokens: 1, output_tokens: 1 },
  }),
})
const anthropic = (url: string) =>
  createGateway({ provider: 'anthropic', url, key: 'sk-ant', model: 'claude-haiku-4-5', sandbox: false })

test('over the Messages wire the answer is the input of the one tool; the system turn stands apart', async () => {
  const used = { type: 'tool_use', id: 'toolu_1', name: 'lead_reading', input: reading }
  await using server = await startSystem(message([{ type: 'text', text: 'Well,' }, used]))
  expect(await ask(turnsOf(), anthropic(server.url))).toEqual({ value: reading, repaired: false, used: [] })
  const [{ path, headers, body }] = server.asked as [(typeof server.asked)[0]]
  expect([path, headers.authorization ?? headers['x-api-key']]).toEqual([
    '/v1/messages',
    expect.stringContaining('sk-ant'),
  ])
  expect(JSON.parse(body)).toMatchObject({
    system: 'Answer leads.',
    messages: [{ role: 'user' }],
    tool_choice: { type: 'tool', name: 'lead_reading' },
    tools: [{ name: 'lead_reading', input_schema: { type: 'object', required: expect.arrayContaining(['reply']) } }],
  })
})

test('over the Messages wire a wrong shape is repaired, an overload tried later, a refusal final', async () => {
  const wrong = { type: 'tool_use', id: 'toolu_1', name: 'lead_reading', input: { intent: 'buy' } }
  await using mending = await startSystem(message([wrong]), message([{ ...wrong, input: reading }]))
  expect(await ask(turnsOf(), anthropic(mending.url))).toEqual({ value: reading, repaired: true, used: [] })
  const error = (type: string) => JSON.stringify({ type: 'error', error: { type, message: 'No.' } })
  await using busy = await startSystem({ status: 529, body: error('overloaded_error') })
  await expect(ask(turnsOf(), anthropic(busy.url))).rejects.toMatchObject({ code: 'unavailable' })
  await using refusing = await startSystem({ status: 400, body: error('invalid_request_error') })
  await expect(ask(turnsOf(), anthropic(refusing.url))).rejects.toMatchObject({ code: 'model_refused' })
})
