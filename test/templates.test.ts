import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Run } from '#schemas/runs.ts'
import type { Truth } from '#schemas/sandbox.ts'
import { templates } from '#schemas/templates/list.ts'
import type { Template } from '#schemas/templates/template.ts'
import { startPlatform, type Platform } from './harness/platform.ts'
import { sandboxAt } from './harness/sandbox.ts'
import { until } from './harness/until.ts'

let platform: Platform
let sandbox: ReturnType<typeof sandboxAt>
beforeAll(async () => {
  platform = await startPlatform()
  sandbox = sandboxAt(platform.sandboxUrl)
})
afterAll(() => platform[Symbol.asyncDispose]())

const begin = async ({ handle, sample: { input, pins = {} } }: Template): Promise<Run> => {
  const { status, body } = await platform.post<Run>(`/v1/automations/${handle}/test`, { input, pins })
  expect({ status, body }).toMatchObject({ status: 201, body: { test: true } })
  return body
}

/** Lets people decide as the sample says, until the run has ended. */
const through = (run: string, { decisions = {} }: Template['sample']): Promise<Run> =>
  until(`${run} has ended`, async () => {
    const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?state=open&run=${run}`)
    for (const { approval, step } of items) {
      const made = decisions[step.split('#')[0]!]
      if (made === undefined) throw new Error(`nobody decides on ${step}`)
      // whoever is not asked, and may all the same, says why
      const decided = { ...made, note: 'As the sample says.' }
      expect(await platform.post(`/v1/approvals/${approval}/decide`, decided)).toMatchObject({ status: 200 })
    }
    const { run: now } = await platform.get<{ run: Run }>(`/v1/runs/${run}`)
    return now.closedAt !== null && now
  })

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
    const installed = await platform.post(`/v1/templates/${handle}/install`)
    expect(installed, JSON.stringify(installed.body)).toMatchObject({ status: 201 })
    const before = await sandbox.truth()
    const run = await begin(template)
    for (const event of sample.events ?? [])
      expect(await platform.post('/v1/events', event)).toMatchObject({ status: 202 })
    const ended = await through(run.id, sample)
    expect(ended.failure).toBeNull()
    const { outcome, mails, texts, tasks, appointments } = sample.expect
    const came = arrived(await sandbox.truth(), run.id, before)
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

test('an appointment that is confirmed through the reminder is confirmed in the DMS', async () => {
  const { appointments } = await sandbox.truth()
  expect(appointments.find(({ id }) => id === '1')).toMatchObject({ status: 'CONFIRMED' })
})
