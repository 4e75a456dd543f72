import OpenAI, { InternalServerError } from 'openai'
import { afterAll, expect, test } from 'vitest'
import { openSandbox } from './fixture.ts'
import { makeLead } from './leads.ts'

const sandbox = await openSandbox()
afterAll(() => sandbox[Symbol.asyncDispose]())
const client = new OpenAI({ apiKey: 'sk-sandbox', baseURL: `${sandbox.url}/openai/v1`, maxRetries: 0 })
const model = 'sandbox-lead-1'

const schema = {
  type: 'object',
  properties: {
    intent: { type: 'string', enum: ['buy', 'trade_in', 'test_drive', 'finance', 'service', 'other'] },
    urgency: { type: 'string', enum: ['low', 'normal', 'high'] },
    summary: { type: 'string' },
    reply: { type: 'string' },
  },
  required: ['intent', 'urgency', 'summary', 'reply'],
  additionalProperties: false,
}
type Message = OpenAI.ChatCompletionMessageParam
const system: Message = { role: 'system', content: 'Read the lead and answer as {"intent": …} JSON.' }
const user = (lead: unknown): Message => ({ role: 'user', content: `The lead:\n${JSON.stringify(lead)}\nAnswer now.` })

const ask = async (...messages: Message[]) => {
  const done = await client.chat.completions.create({
    model,
    messages: [system, ...messages],
    response_format: { type: 'json_schema', json_schema: { name: 'reading', strict: true, schema } },
  })
  return done.choices[0]?.message.content ?? ''
}
const read = async (comments: string, more: object = {}) =>
  JSON.parse(
    await ask(
      user({
        customer: {
          firstName: 'Emma',
          lastName: null,
          email: 'e@example.com',
          phone: '512-555-0101',
          comments,
          timeframe: null,
        },
        vehicles: [
          { interest: 'buy', status: 'new', year: 2026, make: 'Toyota', model: 'RAV4', trim: 'XLE', stock: 'N24001' },
        ],
        ...more,
      }),
    ),
  )

test.each([
  ['I want to buy this RAV4, what is your best price?', 'buy', 'normal'],
  ['Could I test drive it on Saturday morning?', 'test_drive', 'high'],
  ['What would you give me for my 2016 Civic as a trade-in? Just looking for now.', 'trade_in', 'low'],
  ['What would the monthly payment be with $3,000 down?', 'finance', 'normal'],
  ['I need an oil change and the brakes make noise', 'service', 'normal'],
  ['What are your opening hours on Sunday?', 'other', 'normal'],
])('%s → %s, %s', async (comments, intent, urgency) => {
  expect(await read(comments)).toMatchObject({ intent, urgency })
})

test('the reply speaks to the customer about the vehicle, and about its price and availability when told', async () => {
  const plain = await read('Is it still available?')
  expect(plain.reply).toMatch(/^Hi Emma,/)
  expect(plain.reply).toContain('2026 Toyota RAV4 XLE (stock N24001)')
  const priced = await read('Is it still available?', { stock: { stockNumber: 'N24001', price: { amount: 31250 } } })
  expect(priced.reply).toContain('$31,250')
  const sold = await read('Is it still available?', { stock: { availability: 'SOLD' } })
  expect(sold.reply).toContain('has just been sold')
})

test('every made-up lead gets an answer of the asked shape that fits its topic', async () => {
  for (const scenario of ['buy', 'trade_in', 'test_drive', 'finance', 'service', 'other'] as const)
    for (let seed = 0; seed < 12; seed += 1) {
      const lead = makeLead(seed, { scenario })
      const answer = JSON.parse(await ask(user(lead.json)))
      expect(Object.keys(answer)).toEqual(['intent', 'urgency', 'summary', 'reply'])
      expect([scenario, lead.json.customer.comments, answer.intent]).toEqual([
        scenario,
        lead.json.customer.comments,
        scenario,
      ])
      expect(answer.reply).not.toMatch(/undefined|null|\{|\}/)
    }
})

const letter = {
  type: 'object',
  properties: { subject: { type: 'string' }, text: { type: 'string' }, sms: { type: 'string', maxLength: 320 } },
  required: ['subject', 'text', 'sms'],
}
const range = {
  type: 'object',
  properties: { low: { type: 'number' }, high: { type: 'number' }, why: { type: 'string' } },
  required: ['low', 'high', 'why'],
}
const write = async (facts: object, asked: object = letter) => {
  const done = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: JSON.stringify(facts) }],
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'written', schema: asked as Record<string, unknown> },
    },
  })
  return JSON.parse(done.choices[0]?.message.content ?? '')
}

test.each([
  ['a price that fell', { vehicle: { title: '2025 Honda Accord', stock: 'N7', price: 37250 }, was: 39900 }, '$37,250'],
  [
    'a recall',
    { recall: { number: '26V-118', title: 'Seat belt', remedy: 'It is replaced.' }, model: 'Camry' },
    'Camry',
  ],
  ['a test drive', { customer: 'Aisha', car: '2025 Toyota Tacoma', salesperson: 'Marcus' }, 'Hello Aisha,'],
  ['anything else', { weather: { now: 'fine' } }, 'thank you for your message'],
])('a letter about %s reads like one, and has no braces', async (_, facts, said) => {
  const { subject, text, sms } = await write(facts)
  expect(text).toContain(said)
  expect(text).toMatch(/^Hello.*,\n\n[^]*\n\nYour team at the dealership$/)
  expect([subject, text, sms].join('\n')).not.toMatch(/[{}"]|undefined|null/)
})

test('a car to be traded in gets a range with figures, wide where nothing alike is known', async () => {
  const car = { year: 2021, mileage: 48_000, condition: 'good' }
  const known = await write({ car, average: 24_000 }, range)
  expect([known.low, known.high]).toEqual([17_800, 19_700])
  const unknown = await write({ car }, range)
  expect(unknown.low).toBeGreaterThan(0)
  expect(unknown.high / unknown.low).toBeGreaterThan(known.high / known.low)
})

test('a stream adds up to the whole answer and tells its use when asked', async () => {
  const messages = [system, user(makeLead(1).json)]
  const whole = await client.chat.completions.create({ model, messages })
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let usage: OpenAI.CompletionUsage | null | undefined
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  expect(text).toBe(whole.choices[0]?.message.content)
  expect(usage).toEqual(whole.usage)
})

test('broken JSON is repaired on request, garbage never', async () => {
  const broken = user(makeLead(2, { scenario: 'model_broken_json' }).json)
  const first = await ask(broken)
  expect(() => JSON.parse(first)).toThrow(SyntaxError)
  const said: Message = { role: 'assistant', content: first }
  const plea: Message = { role: 'user', content: 'That is not JSON. Answer with the JSON object only.' }
  expect(JSON.parse(await ask(broken, said, plea))).toHaveProperty('reply')
  const never = await ask(user(makeLead(2, { scenario: 'model_never_json' }).json), said, plea)
  expect(() => JSON.parse(never)).toThrow(SyntaxError)
})

test('errors have the shape the official client understands', async () => {
  await expect(ask(user(makeLead(3, { scenario: 'model_error' }).json))).rejects.toBeInstanceOf(InternalServerError)
  const stranger = new OpenAI({ apiKey: 'wrong', baseURL: client.baseURL, maxRetries: 0 })
  await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  const unknown = client.chat.completions.create({ model: 'gpt-5', messages: [system] })
  await expect(unknown).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  const empty = client.chat.completions.create({ model, messages: [] })
  await expect(empty).rejects.toMatchObject({ status: 400, type: 'invalid_request_error' })
})

test('another schema is respected, and a plain prompt gets a plain answer that says it is the sandbox', async () => {
  const other = await client.chat.completions.create({
    model,
    messages: [user(makeLead(4).json)],
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'n',
        schema: { type: 'object', properties: { intent: { type: 'string' }, score: { type: 'integer', minimum: 1 } } },
      },
    },
  })
  expect(JSON.parse(other.choices[0]?.message.content ?? '')).toEqual({ intent: expect.any(String), score: 1 })
  const { data, response } = await client.chat.completions
    .create({ model, messages: [{ role: 'user', content: 'Write a poem' }] })
    .withResponse()
  expect(data.choices[0]?.message.content).toContain('sandbox model')
  expect([response.headers.get('x-sandbox'), data.system_fingerprint]).toEqual(['true', 'sandbox'])
})
