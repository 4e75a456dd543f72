import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Role } from '#schemas/access.ts'
import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas, Step } from '#schemas/runs.ts'
import type { Mails } from '#schemas/sandbox.ts'
import { install } from './harness/drawn.ts'
import { sendLead, untilState } from './harness/lead.ts'
import { cookieOf, newPerson } from './harness/people.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'
import { startPlatform, type Platform } from './harness/platform.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

test('decisions right after a worker was killed are taken by the next one, while their deciders wait', async () => {
  const runs = await Promise.all(Array.from({ length: 12 }, (_, n) => sendLead(platform, `killed-${n}`)))
  for (const { run } of runs) await untilState(platform, run, 'waiting')
  const { items } = await platform.get<{ items: Approval[] }>('/v1/approvals?state=open')
  await platform.kill('worker')
  await platform.start('worker')
  const answers = await Promise.all(
    items.map(({ approval }) => platform.post<Approval>(`/v1/approvals/${approval}/decide`, { decision: 'approve' })),
  )
  expect(answers.map(({ status, body }) => [status, body.state])).toEqual(runs.map(() => [200, 'approved']))
})

type Answer<T> = { status: number; body: T & { code?: string; detail?: string; issues?: { path: string }[] } }

/** Somebody of this role at a browser of their own. */
const person = async (role: Role, name: string) => {
  const { user, email, token } = await newPerson(platform.database.db, platform.ctx, role, name)
  const post = async <T = Approval>(path: string, body: object, cookie = ''): Promise<Answer<T>> => {
    const headers = { 'content-type': 'application/json', origin: platform.url, cookie }
    const reply = await fetch(`${platform.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: reply.status, body: (await reply.json()) as Answer<T>['body'] }
  }
  const headers = { 'content-type': 'application/json', origin: platform.url }
  const signIn = { method: 'POST', headers, body: JSON.stringify({ token }) }
  const cookie = cookieOf(await fetch(`${platform.url}/v1/session/link`, signIn))
  return {
    user,
    email,
    decide: (approval: string, body: object) => post(`/v1/approvals/${approval}/decide`, body, cookie),
    skip: (run: string, note?: string) =>
      post<Run>(`/v1/runs/${run}/skip`, { step: 'ask#0', way: 'rejected', note }, cookie),
    delegate: (approval: string, body: object) => post(`/v1/approvals/${approval}/delegate`, body, cookie),
    list: async (query: string) => {
      const reply = await fetch(`${platform.url}/v1/approvals?${query}`, { headers: { cookie } })
      return ((await reply.json()) as { items: Approval[] }).items.map(({ approval }) => approval)
    },
  }
}

/** Asks for a discount, of whom the fields say. */
const asking = (fields: NonNullable<Node['with']>): Definition => ({
  format: 1,
  name: 'Discount',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'approval', with: { ask: 'How much off?', ...fields } },
    {
      id: 'end',
      kind: 'end',
      with: { output: { off: { cel: 'steps.ask.values.off' }, by: { cel: 'steps.ask.by.id' } } },
    },
    { id: 'no', kind: 'end', with: { outcome: 'no' } },
  ],
  edges: [
    { from: 'start', to: 'ask' },
    { from: 'ask', port: 'approved', to: 'end' },
    { from: 'ask', port: 'rejected', to: 'no' },
  ],
})
const form = {
  type: 'object',
  properties: { off: { type: 'number', title: 'Percent off', maximum: 20 } },
  required: ['off'],
}
let drawings = 0
/** Starts a run of it; gives the run and its open approval. */
const openOne = async (fields: NonNullable<Node['with']>) => {
  const handle = `discount-${++drawings}`
  await install(platform.database.db, platform.ctx, asking(fields), handle)
  const { body: run } = await platform.post<Run>(`/v1/automations/${handle}/runs`, { input: {} })
  const approval = await until('somebody is asked', async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run.id}`)
    return items[0]?.approval
  })
  return { run: run.id, approval }
}
const outputOf = async (run: string) => {
  await untilState(platform, run, 'completed')
  const { nodes } = await platform.get<RunCanvas>(`/v1/runs/${run}/canvas`)
  return nodes.find((one) => one.node === 'end')?.output
}

test('a form is held to, and what was filled in goes on with the run', async () => {
  const priya = await person('operator', 'Priya')
  const { run, approval } = await openOne({ form })
  const refused = await priya.decide(approval, { decision: 'approve', values: { off: 35 } })
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'input_invalid', issues: [{ path: '/body/values/off' }] },
  })
  expect((await priya.decide(approval, { decision: 'approve' })).body.issues).toMatchObject([
    { path: '/body/values/off' },
  ])
  const taken = await priya.decide(approval, { decision: 'approve', values: { off: 12.5 } })
  expect(taken).toMatchObject({ status: 200, body: { state: 'approved', filled: { off: 12.5 } } })
  expect(await outputOf(run)).toEqual({ off: 12.5, by: priya.user })
})

test('who rejects need not fill in the form', async () => {
  const priya = await person('operator', 'Priya')
  const { run, approval } = await openOne({ form })
  expect((await priya.decide(approval, { decision: 'reject' })).body).toMatchObject({ state: 'rejected', filled: null })
  await untilState(platform, run, 'completed')
})

test('those who are asked decide; an owner may all the same, with a note, and that is told', async () => {
  const [priya, lee, dana] = [
    await person('operator', 'Priya'),
    await person('operator', 'Lee'),
    await person('owner', 'Dana'),
  ]
  const { approval } = await openOne({ assignees: { people: [priya.user] } })
  expect(await platform.get(`/v1/approvals/${approval}`)).toMatchObject({ people: [{ id: priya.user, name: 'Priya' }] })
  expect(await lee.decide(approval, { decision: 'approve' })).toMatchObject({
    status: 403,
    body: { code: 'not_assigned' },
  })
  expect(
    (await platform.post<{ code: string }>(`/v1/approvals/${approval}/decide`, { decision: 'approve' })).body.code,
  ).toBe('not_assigned')
  const silent = await dana.decide(approval, { decision: 'reject' })
  expect(silent.body).toMatchObject({ code: 'not_assigned', detail: expect.stringMatching(/in a note/) })
  expect((await dana.decide(approval, { decision: 'reject', note: 'Priya is away' })).body.state).toBe('rejected')
  const { items } = await platform.get<{ items: { type: string; data: object }[] }>(`/v1/events?subject=${approval}`)
  expect(items[0]).toMatchObject({ type: 'approval_decided', data: { overridden: true, note: 'Priya is away' } })

  const ofRole = await openOne({ assignees: { role: 'operator' } })
  expect(await priya.list('state=open&asked=me')).toContain(ofRole.approval)
  expect(await dana.list('state=open&asked=me')).not.toContain(ofRole.approval)
  expect(await dana.list('state=open')).toContain(ofRole.approval)
  const open = await openOne({})
  const { items: ofKey } = await platform.get<{ items: Approval[] }>('/v1/approvals?state=open&asked=me')
  const askKey = ofKey.map((one) => one.approval)
  expect([askKey.includes(open.approval), askKey.includes(ofRole.approval)]).toEqual([true, false])
  expect((await lee.decide(ofRole.approval, { decision: 'reject' })).status).toBe(200)

  // nor is it skipped but by who may decide it
  const other = await openOne({ assignees: { people: [priya.user] } })
  expect((await lee.skip(other.run, 'It is urgent')).body).toMatchObject({ code: 'not_assigned' })
  expect((await dana.skip(other.run)).body).toMatchObject({ detail: expect.stringMatching(/in a note/) })
  expect((await dana.skip(other.run, 'Priya is away')).status).toBe(202)
  expect(await untilState(platform, other.run, 'completed', 'failed')).toBe('completed')
})

test('it is passed on to somebody who may decide, and whom it waited for is asked no longer', async () => {
  const [priya, lee, elena] = [
    await person('operator', 'Priya'),
    await person('operator', 'Lee'),
    await person('viewer', 'Elena'),
  ]
  const { approval } = await openOne({ assignees: { people: [priya.user] } })
  expect((await lee.delegate(approval, { to: { person: lee.user } })).body.code).toBe('not_assigned')
  const nobody = await priya.delegate(approval, { to: { person: elena.user } })
  expect(nobody).toMatchObject({ status: 422, body: { issues: [{ path: '/body/to/person' }] } })
  const passed = await priya.delegate(approval, { to: { person: lee.user }, note: 'Yours' })
  expect(passed.body).toMatchObject({
    assignees: { people: [lee.user] },
    people: [{ name: 'Lee' }],
    delegated: { by: { name: 'Priya' }, note: 'Yours' },
  })
  expect((await priya.decide(approval, { decision: 'reject' })).body.code).toBe('not_assigned')
  expect((await lee.delegate(approval, { to: { role: 'admin' } })).body.assignees).toEqual({ role: 'admin' })
  expect((await lee.decide(approval, { decision: 'reject' })).body.code).toBe('not_assigned')

  const fixed = await openOne({ assignees: { people: [priya.user] }, delegate: false })
  expect((await priya.delegate(fixed.approval, { to: { person: lee.user } })).body.code).toBe('not_delegable')
})

test('of two who decide at once one wins; of deciding and passing on at once too', async () => {
  const [priya, lee] = [await person('operator', 'Priya'), await person('operator', 'Lee')]
  const open = await openOne({})
  const both = await Promise.all([priya, lee].map((one) => one.decide(open.approval, { decision: 'reject' })))
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  for (let n = 0; n < 4; n++) {
    const { run, approval } = await openOne({ assignees: { people: [priya.user] } })
    const [decided, passed] = await Promise.all([
      priya.decide(approval, { decision: 'reject' }),
      priya.delegate(approval, { to: { person: lee.user } }),
    ])
    expect([
      ['rejected', 'already_decided'],
      ['not_assigned', undefined],
    ]).toContainEqual([decided.status === 200 ? decided.body.state : decided.body.code, passed.body.code])
    if (passed.status === 200) expect((await lee.decide(approval, { decision: 'reject' })).status).toBe(200)
    await untilState(platform, run, 'completed')
  }
})

test('one that nobody decides in time expires, and its run goes on', async () => {
  const definition = asking({ dueAfter: '1s', remindAfter: '1s', onDue: 'expire' })
  definition.edges.push({ from: 'ask', port: 'expired', to: 'no' })
  await install(platform.database.db, platform.ctx, definition, 'expiring')
  const { body: run } = await platform.post<Run>('/v1/automations/expiring/runs', { input: {} })
  await untilState(platform, run.id, 'completed')
  const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run.id}&state=expired`)
  expect(items).toMatchObject([{ state: 'expired', expires: true, decidedBy: null }])
})

/** The letters about an approval that the mail system has taken. */
const lettersOf = async (approval: string) => {
  const { mails } = (await (await fetch(`${platform.sandboxUrl}/control/mails`)).json()) as Mails
  return mails.filter(({ text }) => text?.includes(approval))
}

test('whom it waits for is written to once at each reminder, and to whom it is handed up; the letter leads to it', async () => {
  const [priya, lee, kim] = [
    await person('operator', 'Priya'),
    await person('admin', 'Lee'),
    await person('operator', 'Kim'),
  ]
  // the mail system takes the first letters and loses its answers: they are sent again under the same key
  await sandboxAt(platform.sandboxUrl).turn('mail', { errorRate: 1, fault: 'after' })
  const times = { remindAfter: '50ms', dueAfter: '8s' }
  const { run, approval } = await openOne({
    assignees: { people: [priya.user, kim.user] },
    escalateTo: { people: [lee.user] },
    ...times,
  })
  await until('the letters are there', async () => (await lettersOf(approval)).length === 2)
  await sandboxAt(platform.sandboxUrl).turn('mail', { errorRate: 0 })
  const seen = () => platform.get<Approval>(`/v1/approvals/${approval}`)
  await until('it is reminded of', async () => (await seen()).remindedAt !== null)
  await until('it is handed up', async () => (await seen()).escalatedAt !== null)
  const letters = (await lettersOf(approval)).map(({ to, subject }) => `${to.join()}: ${subject}`)
  expect(letters.toSorted()).toEqual(
    [
      `${priya.email}: Waiting for you: How much off?`,
      `${kim.email}: Waiting for you: How much off?`,
      `${lee.email}: Overdue: How much off?`,
    ].toSorted(),
  )
  const [{ text } = { text: '' }] = await lettersOf(approval)
  expect(text).toContain(`${platform.url}/approvals/${approval}`)
  const told = await platform.get<{ items: { type: string }[] }>(`/v1/events?subject=${approval}`)
  expect(told.items.map(({ type }) => type).toSorted()).toEqual([
    'approval_escalated',
    'approval_opened',
    'approval_reminded',
  ])
  expect((await lee.decide(approval, { decision: 'reject' })).status).toBe(200)
  await untilState(platform, run, 'completed')
})

test('a mail system that is away keeps nobody from deciding', async () => {
  const priya = await person('operator', 'Priya')
  await sandboxAt(platform.sandboxUrl).turn('mail', { outage: 'unavailable' })
  const { run, approval } = await openOne({ assignees: { people: [priya.user] }, remindAfter: '50ms', dueAfter: '1h' })
  const seen = () => platform.get<Approval>(`/v1/approvals/${approval}`)
  await until('it is reminded of', async () => (await seen()).remindedAt !== null)
  expect(await lettersOf(approval)).toEqual([])
  await sandboxAt(platform.sandboxUrl).turn('mail', { outage: 'none' })
  expect((await priya.decide(approval, { decision: 'reject' })).status).toBe(200)
  await untilState(platform, run, 'completed')
})

test('an address that refuses mail keeps nobody else from getting theirs', async () => {
  const priya = await person('operator', 'Priya')
  const away = { name: 'Away', email: `bounce+${priya.user}@test.example`, role: 'operator' }
  const { body: invited } = await platform.post<{ person: { id: string } }>('/v1/people', away)
  const people = [invited.person.id, priya.user]
  const { run, approval } = await openOne({ assignees: { people }, remindAfter: '50ms', dueAfter: '1h' })
  const seen = () => platform.get<Approval>(`/v1/approvals/${approval}`)
  await until('it is reminded of', async () => (await seen()).remindedAt !== null)
  expect((await lettersOf(approval)).map(({ to }) => to)).toEqual([[priya.email]])
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)
  const reminding = steps.filter(({ type }) => type === 'remindApprover').map(({ attempts }) => attempts.length)
  expect(reminding).toEqual([1])
})
