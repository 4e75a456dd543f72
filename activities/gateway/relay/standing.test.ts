import { expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { until } from '#test/harness/until.ts'
import { noModels, type Caller, type KnownBudget, type Models } from '../store-known.ts'
import { Ledger } from './ledger.ts'
import { budgetFacts, Standing, type Stand } from './standing.ts'

const budget = (more: Partial<KnownBudget>): KnownBudget => ({
  id: 'b1',
  name: 'Desk',
  kind: 'tenant',
  subject: '',
  unit: 'usd',
  limits: ['day', 'month'],
  ...more,
})
const stand = (more: Partial<Stand>): Stand => ({ budget: 'b1', per: 'day', cap: 5e9, spent: 1e9, ...more })
const boundless = { used: 0, remaining: Infinity }

test('of several windows and budgets the tightest counts, in all and of each kind', () => {
  const facts = budgetFacts(
    [
      budget({}),
      budget({ id: 'b2', kind: 'tag', subject: 'team=sales' }),
      budget({ id: 'b3', kind: 'key', unit: 'tokens' }),
    ],
    [
      stand({ spent: 1e9 }),
      stand({ per: 'month', cap: 10e9, spent: 8e9 }),
      stand({ budget: 'b2', spent: 4.5e9 }),
      stand({ budget: 'b3', cap: 1000, spent: 950 }),
      stand({ budget: 'of nobody here', spent: 5e9 }),
    ],
  )
  expect(facts).toEqual({
    used: 0.95,
    remaining: 0.5,
    tenant: { used: 0.8, remaining: 2 },
    team: { used: 0.9, remaining: 0.5 },
    tag: { used: 0.9, remaining: 0.5 },
    // tokens are no money
    key: { used: 0.95, remaining: Infinity },
    user: boundless,
    model: boundless,
  })
})

test('rates are nothing to steer by, a budget of nothing is used up, and one that is overspent leaves nothing', () => {
  const rate = budget({ unit: 'requests', limits: ['minute'] })
  expect(budgetFacts([rate], [stand({ per: 'minute', cap: 10, spent: 10 })])).toMatchObject(boundless)
  expect(budgetFacts([budget({})], [stand({ cap: 0, spent: 0 })])).toMatchObject({ used: 1, remaining: 0 })
  expect(budgetFacts([budget({})], [stand({ spent: 6e9 })])).toMatchObject({ used: 1.2, remaining: 0 })
})

const caller: Caller = { tenant: 't', key: null, name: null, user: null, models: null, tags: {}, run: null, until: 0 }
const models: Models = { ...noModels, budgets: new Map([['tenant:', [budget({})]]]) }
const usedOf = (standing: Standing) => standing.of(models, caller, { model: 'fast' } as never).used

test('what came to it in this process counts at once, and what others spent once it is read again', async () => {
  let now = stand({})
  const ledger = new Ledger()
  const standing = new Standing(() => Promise.resolve([now]), ledger, createLog('test', 'error'))
  await standing.learn('t')
  expect(usedOf(standing)).toBe(0.2)
  const of = { tenant: 't', budget: 'b1', per: 'day' as const }
  ledger.grant(of, { starts: 0, ends: Infinity, amount: 2e9 })
  ledger.settle(ledger.reserve([{ ...of, amount: 1e9 }], 0) ?? [], [0.5e9])
  expect(usedOf(standing)).toBe(0.3)
  now = stand({ spent: 2e9 })
  await until('it is read again', () => Promise.resolve(usedOf(standing) === 0.5))
})

test('a database that is away leaves what was known', async () => {
  let reads = 0
  const read = () => (reads++ === 0 ? Promise.resolve([stand({})]) : Promise.reject(new Error('away')))
  const standing = new Standing(read, new Ledger(), createLog('test', 'error'))
  await standing.learn('t')
  await until('it was tried again', () => Promise.resolve(usedOf(standing) === 0.2 && reads > 2))
  expect(usedOf(standing)).toBe(0.2)
})
