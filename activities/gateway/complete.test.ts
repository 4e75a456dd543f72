import { afterAll, expect, test } from 'vitest'
import { toJSONSchema } from 'zod'
import { startSystem } from '#activities/connectors/fixture.ts'
import type { JsonSchema } from '#schemas/automation/json.ts'
import { LeadReading } from '#schemas/leads/shape.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import type { Turn } from './complete.ts'
import { gatewayOf, sandboxModel } from './fixture.ts'

const sandbox = await openSandbox()
afterAll(() => sandbox[Symbol.asyncDispose]())

const model = sandboxModel(sandbox.url)
const { gateway } = gatewayOf(model)
const turnsOf = (scenario: Parameters<typeof makeLead>[1] = {}): Turn[] => [
  { role: 'system', content: 'Answer leads.' },
  { role: 'user', content: JSON.stringify(makeLead('gateway', scenario).json) },
]
const schema = toJSONSchema(LeadReading, { target: 'draft-7' }) as JsonSchema
const asker = { tenant: 'tnt_1', run: 'run_1', step: 'ai#0', tags: {} }
const ask = (turns = turnsOf(), by = gateway, signal?: AbortSignal) =>
  by.complete({ asker, model: 'default', schema, name: 'lead_reading', turns, signal })

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
  await expect(ask(turnsOf(), gatewayOf({ ...model, baseUrl: cutting.url }).gateway)).rejects.toMatchObject({
    code: 'unavailable',
  })
  const stranger = gatewayOf({ ...model, key: 'sk-wrong' }).gateway
  await expect(ask(turnsOf(), stranger)).rejects.toMatchObject({ code: 'model_refused' })
})

test('an ask that is given up ends at once', async () => {
  await using silent = await startSystem('silence')
  const giveUp = AbortSignal.timeout(20)
  const asked = ask(turnsOf(), gatewayOf({ ...model, baseUrl: silent.url }).gateway, giveUp)
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
})
