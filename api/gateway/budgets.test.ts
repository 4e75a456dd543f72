import { expect, test } from 'vitest'
import { ownApi } from '#test/harness/own-api.ts'

const api = ownApi()
const { someone } = api
const daily = { name: 'Desk', subject: { kind: 'tenant' }, unit: 'usd', limits: [{ per: 'day', limit: 5 }] }

test('a budget is set, changed and deleted, and each is written in the audit log', async () => {
  const ask = await someone()
  const made = await ask('POST /v1/gateway/budgets', { ...daily, zone: 'America/Chicago' })
  expect(made).toMatchObject({
    status: 201,
    body: { zone: 'America/Chicago', windows: [{ per: 'day', limit: 5, spent: 0, leased: 0, left: 5 }] },
  })
  const anew = Date.parse(made.body.windows[0].anewAt)
  const began = Date.parse(made.body.windows[0].beganAt)
  expect(anew).toBeGreaterThan(Date.now())
  expect(anew - began).toBeGreaterThanOrEqual(23 * 3_600_000)
  const clock = new Intl.DateTimeFormat('en', { timeZone: 'America/Chicago', hour: '2-digit', hourCycle: 'h23' })
  expect(clock.format(began)).toBe('00')

  const { id } = made.body
  const limits = [
    { per: 'minute', limit: 0.25 },
    { per: 'ever', limit: 100 },
  ]
  const changed = await ask(`PATCH /v1/gateway/budgets/${id}`, { name: 'Service desk', limits })
  expect(changed.body).toMatchObject({
    name: 'Service desk',
    windows: [{ per: 'minute', left: 0.25 }, { per: 'ever' }],
  })
  expect((await ask('GET /v1/gateway/budgets')).body.items).toEqual([changed.body])
  expect((await ask(`GET /v1/gateway/budgets/${id}`)).body.courses).toMatchObject([{ per: 'minute' }, { per: 'ever' }])
  expect((await ask(`DELETE /v1/gateway/budgets/${id}`)).body).toMatchObject({ id, windows: [{ spent: 0 }, {}] })
  expect((await ask(`GET /v1/gateway/budgets/${id}`)).status).toBe(404)
  const events = (await ask('GET /v1/events')).body.items as { type: string; subject: string }[]
  expect(events.filter(({ subject }) => subject === id).map(({ type }) => type)).toEqual([
    'budget_deleted',
    'budget_changed',
    'budget_set',
  ])
})

test('what cannot be counted so is refused, with the field that is wrong', async () => {
  const ask = await someone()
  const issues = async (change: object) =>
    (await ask('POST /v1/gateway/budgets', { ...daily, ...change })).body.issues as object[]
  expect(await issues({ limits: [{ per: 'at_once', limit: 5 }] })).toMatchObject([{ path: '/body/limits/0/per' }])
  expect(await issues({ limits: [{ per: 'day', limit: 0.0000001 }] })).toMatchObject([
    { path: '/body/limits/0/limit', message: 'has six decimals at the most' },
  ])
  expect(await issues({ unit: 'tokens', limits: [{ per: 'day', limit: 1.5 }] })).toMatchObject([
    { message: 'is a whole number' },
  ])
  expect(await issues({ limits: [daily.limits[0], daily.limits[0]] })).toMatchObject([
    { message: 'says the same window twice' },
  ])
  expect(await issues({ zone: 'Mars/Olympus' })).toMatchObject([{ path: '/body/zone' }])
  const nobody = { kind: 'key', key: 'vky_01jd2x7m4hf8q9v0w3k5n6p7rs' }
  expect(await issues({ subject: nobody })).toEqual([{ path: '/body/subject/key', message: 'there is no such key' }])
  const { id } = (await ask('POST /v1/gateway/budgets', daily)).body
  const wrong = await ask(`PATCH /v1/gateway/budgets/${id}`, { limits: [{ per: 'at_once', limit: 5 }] })
  expect(wrong).toMatchObject({ status: 422, body: { issues: [{ path: '/body/limits/0/per' }] } })
})

test('what is left of a budget is told to Prometheus', async () => {
  const ask = await someone()
  const { id } = (await ask('POST /v1/gateway/budgets', daily)).body
  const text = await (await api.app.request('/metrics')).text()
  expect(text).toMatch(
    new RegExp(`auterity_gateway_budget_remaining\\{tenant="tnt_\\w+",budget="${id}",per="day",unit="usd"\\} 5`),
  )
})

test('what a key and a team have left is told as LiteLLM tells it', async () => {
  const ask = await someone()
  const { id: key } = (await ask('POST /v1/gateway/keys', { name: 'Desk' })).body
  const ofKey = { subject: { kind: 'key', key } }
  await ask('POST /v1/gateway/budgets', {
    ...daily,
    ...ofKey,
    limits: [
      { per: 'day', limit: 5 },
      { per: 'month', limit: 3 },
    ],
  })
  await ask('POST /v1/gateway/budgets', {
    ...daily,
    ...ofKey,
    unit: 'requests',
    limits: [{ per: 'minute', limit: 20 }],
  })
  const team = { kind: 'tag', tag: 'team', value: 'sales "A"' }
  await ask('POST /v1/gateway/budgets', { ...daily, subject: team })
  const lines = (await (await api.app.request('/metrics')).text()).split('\n')
  expect(lines).toContain(`litellm_remaining_api_key_budget_metric{hashed_api_key="${key}"} 3`)
  expect(lines).toContain(`litellm_remaining_api_key_requests_for_model{hashed_api_key="${key}"} 20`)
  expect(lines).toContain('litellm_remaining_team_budget_metric{team="sales \\"A\\"",team_alias="sales \\"A\\""} 5')
  const hours = lines.find((line) =>
    line.startsWith(`litellm_api_key_budget_remaining_hours_metric{hashed_api_key="${key}"`),
  )
  expect(Number(hours?.split(' ').at(-1))).toBeLessThanOrEqual(31 * 24)
})

test('another tenant’s key is none to set a budget for', async () => {
  const [ours, theirs] = [await someone(), await someone()]
  const { id: key } = (await theirs('POST /v1/gateway/keys', { name: 'Theirs' })).body
  const made = await ours('POST /v1/gateway/budgets', { ...daily, subject: { kind: 'key', key } })
  expect(made.status).toBe(422)
})

test('a viewer sees budgets and sets none', async () => {
  const as = await api.as('viewer')
  expect((await as('GET /v1/gateway/budgets')).status).toBe(200)
  expect((await as('POST /v1/gateway/budgets', daily)).status).toBe(403)
})
