import type { Hono } from 'hono'
import { Gauge } from 'prom-client'
import { withSystem } from '#activities/database.ts'
import { readBudgetFigures } from '#activities/gateway/store-budgets.ts'
import { readBacklog, type Backlog } from '#activities/system/store.ts'
import type { ApiDeps, ApiEnv } from '../deps.ts'
import { textOf } from '../gateway/observe.ts'
import { registry } from './observe.ts'
import { answersOf, within } from './parts.ts'

const backlogGauges: { [K in keyof Backlog]: string } = {
  inboxDepth: 'Accepted webhooks not yet turned into run requests.',
  inboxAgeSeconds: 'Age of the oldest of them.',
  dispatchDepth: 'Run requests that Temporal was not told of yet.',
  dispatchLagSeconds: 'Age of the oldest of them.',
  runsOpen: 'Runs that have not ended.',
  projectorLagSeconds: 'Longest time since an open run was projected.',
  runsSetAside: 'Runs whose history could not be projected; they are tried again.',
}

/** The most limits that are told of, those nearest to their end: each is a series of its own. */
const mostLimits = 200
const budgetGauges = {
  limit: 'Limits of budgets for models, in their unit.',
  spent: 'What of them is spent.',
  leased: 'What of them processes hold for requests under way.',
  remaining: 'What of them nobody holds.',
} as const

const metricName = (name: string): string =>
  `auterity_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`

/** `/healthz` (the process answers), `/readyz` (and names what does not), `/metrics` (Prometheus text). */
export function mountHealth(app: Hono<ApiEnv>, { db, temporal, figures }: ApiDeps): void {
  const gauges = Object.entries(backlogGauges).map(([name, help]) => {
    registry.removeSingleMetric(metricName(name))
    return [name as keyof Backlog, new Gauge({ name: metricName(name), help, registers: [registry] })] as const
  })
  registry.removeSingleMetric('auterity_pool_connections')
  const pool = new Gauge({
    name: 'auterity_pool_connections',
    help: 'Database connections of this process, by role and state.',
    labelNames: ['role', 'state'] as const,
    registers: [registry],
  })

  const ofBudgets = Object.entries(budgetGauges).map(([field, help]) => {
    const name = `auterity_gateway_budget_${field}`
    registry.removeSingleMetric(name)
    const labelNames = ['tenant', 'budget', 'per', 'unit'] as const
    return [field as keyof typeof budgetGauges, new Gauge({ name, help, labelNames, registers: [registry] })] as const
  })

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const answers = await answersOf({
      postgres: () => withSystem(db, readBacklog),
      temporal: () => temporal.connection.workflowService.getSystemInfo({}),
    })
    const notReady = Object.keys(answers).filter((name) => answers[name] === false)
    return c.json(
      { status: notReady.length === 0 ? 'ready' : 'not ready', notReady },
      notReady.length === 0 ? 200 : 503,
    )
  })
  app.get('/metrics', async (c) => {
    const backlog = await within(withSystem(db, readBacklog)).catch(() => null)
    for (const [name, gauge] of gauges) gauge.set(backlog?.[name] ?? Number.NaN)
    const budgets = await within(withSystem(db, (tx) => readBudgetFigures(tx, mostLimits))).catch(() => [])
    for (const [field, gauge] of ofBudgets) {
      gauge.reset()
      for (const budget of budgets) gauge.set(budget.labels, budget[field])
    }
    for (const [role, one] of Object.entries(db.pools)) {
      pool.set({ role, state: 'idle' }, one.idleCount)
      pool.set({ role, state: 'busy' }, one.totalCount - one.idleCount)
      pool.set({ role, state: 'waiting' }, one.waitingCount)
    }
    const ofModels = textOf(figures.tell(budgets, Date.now()))
    const text = `${await registry.metrics()}${ofModels}`
    return c.body(text, 200, { 'content-type': registry.contentType })
  })
}
