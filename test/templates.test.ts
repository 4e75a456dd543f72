import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Run } from '#schemas/runs.ts'
import type { Truth } from '#schemas/sandbox.ts'
import { templates } from '#schemas/templates/list.ts'
import type { Template } from '#schemas/templates/template.ts'
import { cookieOf, newPerson } from './harness/people.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

let platform: Platform
let sandbox: ReturnType<typeof sandboxAt>
/** Somebody who may draw and run, and neither publish nor decide what asks a manager. */
let operator: Record<string, string>
beforeAll(async () => {
  platform = await startPlatform()
  sandbox = sandboxAt(platform.sandboxUrl)
  const { token } = await newPerson(platform.database.db, platform.ctx, 'operator')
  const headers = { 'content-type': 'application/json', origin: platform.url }
  const signIn = { method: 'POST', headers, body: JSON.stringify({ token }) }
  operator = { ...headers, cookie: cookieOf(await fetch(`${platform.url}/v1/session/link`, signIn)) }
})
afterAll(() => platform[Symbol.asyncDispose]())

const send = async <T>(path: string, body: object = {}): Promise<T> => {
  const reply = await fetch(`${platform.url}${path}`, {
    method: 'POST',
    headers: operator,
    body: JSON.stringify(body),
  })
  const said = await reply.text()
  expect([path, reply.ok], said).toEqual([path, true])
  return JSON.parse(said) as T
}

/** Decides as the sample says, until the run has ended; gives it and what it asked. */
const through = (run: string, { decisions = {} }: Template['sample']): Promise<{ ended: Run; asked: Approval[] }> => {
  const asked: Approval[] = []
  return until(`${run} has ended`, async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?state=open&run=${run}`)
    for (const one of items) {
      const { approval, step } = one
      const made = decisions[step.split('#')[0]!]
      if (made === undefined) throw new Error(`nobody decides on ${step}`)
      await send(`/v1/approvals/${approval}/decide`, made)
      asked.push(one)
    }
    const { run: ended } = await platform.get<{ run: Run }>(`/v1/runs/${run}`)
    return ended.closedAt !== null && { ended, asked }
  })
}

/** What no customer should find in a letter: marks of JSON and of machines, values that were not there, no price. */
const botched = /[{}[\]]|"\w+":|\bnull\b|undefined|\d{4}-\d\d-\d\d|\$0\b|\$-|sandbox/i

/** What the pretend systems hold of one run and of those it began: their lead is the run that the work began with. */
const arrived = (truth: Truth, run: string, since: Truth) => ({
  mails: truth.mails.filter(({ lead }) => lead === run).flatMap(({ to }) => to),
  texts: truth.texts.slice(since.texts.length).map(({ to }) => to),
  tasks: truth.tasks.filter(({ lead }) => lead === run).map(({ properties }) => properties['hs_task_subject']),
  appointments: truth.appointments.filter(({ reference }) => reference?.startsWith(run)).map(({ status }) => status),
})
const sorted = (values: readonly (string | undefined)[] = []): string[] =>
  values.map(String).toSorted((a, b) => a.localeCompare(b))

// one after the other: texts say nothing of the run they came from
test.each(templates)(
  '$handle, run with its sample, comes to what it promises, and the systems hold it',
  async (template) => {
    const { handle, sample } = template
    await send(`/v1/templates/${handle}/install`)
    const before = await sandbox.truth()
    const { input, pins = {} } = sample
    const run = await send<Run>(`/v1/automations/${handle}/test`, { input, pins })
    expect(run.test).toBe(true)
    for (const event of sample.events ?? []) await send('/v1/events', event)
    const { ended, asked } = await through(run.id, sample)
    expect(ended.failure).toBeNull()
    const { outcome, mails, texts, tasks, appointments } = sample.expect
    const truth = await sandbox.truth()
    const came = arrived(truth, run.id, before)
    const letters = [
      ...asked.map(({ title, text }) => `${title}\n\n${text}`),
      ...truth.mails.slice(before.mails.length).map(({ subject, text }) => `${subject}\n\n${text}`),
      ...truth.texts.slice(before.texts.length).map(({ text }) => text),
      ...truth.tasks.slice(before.tasks.length).map(({ properties }) => properties['hs_task_body'] ?? ''),
    ]
    expect(letters.filter((text) => botched.test(text))).toEqual([])
    expect({
      outcome: ended.outcome,
      mails: sorted(came.mails),
      texts: sorted(came.texts),
      tasks: sorted(came.tasks),
      appointments: sorted(came.appointments),
    }).toEqual({
      outcome,
      mails: sorted(mails),
      texts: sorted(texts),
      tasks: sorted(tasks),
      appointments: sorted(appointments),
    })
  },
)

test('who names the offer for a car sees a range with figures in it', async () => {
  const { items } = await platform.get<{ items: Approval[] }>('/v1/approvals?state=approved')
  const { estimate } = items.find(({ title }) => title.startsWith('What do we offer'))!.context as {
    estimate: { low: number; high: number; why: string }
  }
  expect(estimate.low).toBeGreaterThan(10_000)
  expect(estimate.high).toBeGreaterThan(estimate.low)
  expect(estimate.why).toMatch(/\$\d\d,\d{3} on average/)
})

test('an appointment that is confirmed through the reminder is confirmed in the DMS', async () => {
  const { appointments } = await sandbox.truth()
  expect(appointments.find(({ id }) => id === '1')).toMatchObject({ status: 'CONFIRMED' })
})
