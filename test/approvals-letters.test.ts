import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Role } from '#schemas/access.ts'
import type { Node } from '#schemas/automation/definition.ts'
import type { Step } from '#schemas/runs.ts'
import { askAt, lettersAbout, personAt } from './harness/asking.ts'
import { untilState } from './harness/lead.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform[Symbol.asyncDispose]())

const person = (role: Role, name: string) => personAt(platform, role, name)
const openOne = (fields: NonNullable<Node['with']>) => askAt(platform, fields)
const lettersOf = async (approval: string) =>
  (await lettersAbout(platform, approval)).map(({ to, subject }) => `${to.join()}: ${subject}`).toSorted()
const seen = (approval: string) => platform.get<Approval>(`/v1/approvals/${approval}`)
const mail = () => sandboxAt(platform.sandboxUrl)

test('who is asked by name is written to once when it opens and at each reminder, and whom it is handed up to; the letter leads to it', async () => {
  const [priya, lee, kim] = [
    await person('operator', 'Priya'),
    await person('admin', 'Lee'),
    await person('operator', 'Kim'),
  ]
  // the mail system takes the first letters and loses its answers: they are sent again under the same key
  await mail().turn('mail', { errorRate: 1, fault: 'after' })
  const { run, approval } = await openOne({
    assignees: { people: [priya.user, kim.user] },
    escalateTo: { people: [lee.user] },
    remindAfter: '50ms',
    dueAfter: '8s',
  })
  await until('the letters are there', async () => (await lettersOf(approval)).length === 2)
  await mail().turn('mail', { errorRate: 0 })
  await until('it is reminded of', async () => (await seen(approval)).remindedAt !== null)
  await until('it is handed up', async () => (await seen(approval)).escalatedAt !== null)
  expect(await lettersOf(approval)).toEqual(
    [
      `${priya.email}: Waiting for you: How much off?`,
      `${kim.email}: Waiting for you: How much off?`,
      `${priya.email}: Still waiting for you: How much off?`,
      `${kim.email}: Still waiting for you: How much off?`,
      `${lee.email}: Overdue: How much off?`,
    ].toSorted(),
  )
  for (const { text } of await lettersAbout(platform, approval))
    expect(text).toContain(`${platform.url}/approvals/${approval}`)
  expect((await seen(approval)).unreached).toEqual([])
  const told = await platform.get<{ items: { type: string }[] }>(`/v1/events?subject=${approval}`)
  expect(told.items.map(({ type }) => type).toSorted()).toEqual([
    'approval_escalated',
    'approval_opened',
    'approval_reminded',
  ])
  expect((await lee.decide(approval, { decision: 'reject' })).status).toBe(200)
  await untilState(platform, run, 'completed')
})

test('nobody is written to when it opens where nobody is asked by name', async () => {
  const priya = await person('operator', 'Priya')
  const [all, role] = [await openOne({}), await openOne({ assignees: { role: 'operator' } })]
  const named = await openOne({ assignees: { role: 'admin', people: [priya.user] } })
  // a step that waits has written all that it is to write at its opening
  for (const { run } of [all, role, named])
    await until('it waits', async () => {
      const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)
      return steps.some(({ type, state }) => type === 'openApproval' && state === 'completed')
    })
  expect(await lettersOf(all.approval)).toEqual([])
  expect(await lettersOf(role.approval)).toEqual([])
  expect(await lettersOf(named.approval)).toEqual([`${priya.email}: Waiting for you: How much off?`])
})

test('whom it is passed on to is written to, each time once, and told by whom; a role and oneself are not', async () => {
  const [priya, lee] = [await person('operator', 'Priya'), await person('operator', 'Lee')]
  const { run, approval } = await openOne({ assignees: { people: [priya.user] } })
  const passOn = async (from: typeof priya, to: object) =>
    expect((await from.delegate(approval, { to })).status).toBe(200)
  const [first, passed] = ['Waiting for you: How much off?', 'Passed on to you: How much off?']
  await passOn(priya, { person: lee.user })
  const once = [`${priya.email}: ${first}`, `${lee.email}: ${passed}`].toSorted()
  await until('Lee is written to', async () => (await lettersOf(approval)).length === 2)
  expect(await lettersOf(approval)).toEqual(once)
  const [{ text } = { text: '' }] = (await lettersAbout(platform, approval)).filter(({ to }) => to.includes(lee.email))
  expect(text).toMatch(/^Priya passed “How much off\?” on to you\./)
  const heard = (times: number) =>
    until('the run has heard of it', async () => {
      const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)
      return steps.filter(({ type, state }) => type === 'tellDelegate' && state === 'completed').length === times
    })
  await passOn(lee, { person: lee.user })
  await heard(2)
  await passOn(lee, { role: 'operator' })
  await heard(3)
  await passOn(priya, { person: lee.user })
  const twice = [...once, `${lee.email}: ${passed}`].toSorted()
  await until('Lee is written to again', async () => (await lettersOf(approval)).length > 2)
  expect((await lee.decide(approval, { decision: 'reject' })).status).toBe(200)
  await untilState(platform, run, 'completed')
  expect(await lettersOf(approval)).toEqual(twice)
})

test('a mail system that is away keeps nobody from deciding, and whom it did not reach stands at the approval', async () => {
  const priya = await person('operator', 'Priya')
  await mail().turn('mail', { outage: 'unavailable' })
  const times = { remindAfter: '50ms', dueAfter: '1h' }
  const { run, approval } = await openOne({ assignees: { people: [priya.user] }, ...times })
  const decided = await openOne({ assignees: { people: [priya.user] }, ...times })
  expect((await priya.decide(decided.approval, { decision: 'reject' })).status).toBe(200)
  await untilState(platform, decided.run, 'completed')
  await until('it is reminded of', async () => (await seen(approval)).remindedAt !== null)
  expect(await lettersOf(approval)).toEqual([])
  const { unreached } = await seen(approval)
  expect(unreached).toMatchObject([{ name: 'Priya', why: expect.stringMatching(/^The mail system answered 503/) }])
  const told = await platform.get<{ items: { type: string; data: object }[] }>(`/v1/events?subject=${approval}`)
  const lost = told.items.filter(({ type }) => type === 'approval_letter_lost').map(({ data }) => data)
  expect(lost).toEqual([1, 2].map(() => ({ run, to: priya.user, code: 'connector_unavailable' })))
  await mail().turn('mail', { outage: 'none' })
  expect((await priya.decide(approval, { decision: 'reject' })).status).toBe(200)
  await untilState(platform, run, 'completed')
})

test('an address that refuses mail keeps nobody else from getting theirs, and is told once', async () => {
  const priya = await person('operator', 'Priya')
  const id = priya.user
  const away = { name: 'Away', email: `bounce+${id}@test.example`, role: 'operator' }
  const { body: invited } = await platform.post<{ person: { id: string } }>('/v1/people', away)
  const people = [invited.person.id, id]
  const { run, approval } = await openOne({ assignees: { people }, remindAfter: '50ms', dueAfter: '1h' })
  await until('it is reminded of', async () => (await seen(approval)).remindedAt !== null)
  expect((await lettersAbout(platform, approval)).map(({ to }) => to)).toEqual([[priya.email], [priya.email]])
  expect((await seen(approval)).unreached.map(({ name }) => name)).toEqual(['Away'])
  const { steps } = await platform.get<{ steps: Step[] }>(`/v1/runs/${run}`)
  const writing = ['openApproval', 'remindApprover']
  const tries = steps.filter(({ type }) => writing.includes(type)).map(({ attempts }) => attempts.length)
  expect(tries).toEqual([1, 1])
})

test('who is reached by the next letter is no longer told of', async () => {
  const priya = await person('operator', 'Priya')
  await mail().turn('mail', { outage: 'unavailable' })
  const { approval } = await openOne({ assignees: { people: [priya.user] }, remindAfter: '3s', dueAfter: '1h' })
  await until('the first letter is given up', async () => (await seen(approval)).unreached.length === 1)
  await mail().turn('mail', { outage: 'none' })
  await until('it is reminded of', async () => (await seen(approval)).remindedAt !== null)
  expect((await seen(approval)).unreached).toEqual([])
  expect(await lettersOf(approval)).toEqual([`${priya.email}: Still waiting for you: How much off?`])
})
