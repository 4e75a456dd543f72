import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Role } from '#schemas/access.ts'
import type { Node } from '#schemas/automation/definition.ts'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import { askAt, asking, personAt } from './harness/asking.ts'
import { install } from './harness/drawn.ts'
import { sendLead, untilState } from './harness/lead.ts'
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

const person = (role: Role, name: string) => personAt(platform, role, name)
const openOne = (fields: NonNullable<Node['with']>) => askAt(platform, fields)
const form = {
  type: 'object',
  properties: { off: { type: 'number', title: 'Percent off', maximum: 20 } },
  required: ['off'],
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
