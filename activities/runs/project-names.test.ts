import { defaultPayloadConverter } from '@temporalio/common'
import { expect, test } from 'vitest'
import { foldEvents, newFold } from '#temporal/fold.ts'
import type { HistoryEvent } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { testKey } from '#test/harness/database.ts'
import { nameStep, skipsIn } from './project-names.ts'

const payload = (value: unknown) => defaultPayloadConverter.toPayload(value)
const payloads = new PayloadReader([testKey])
const folded = (...events: Partial<HistoryEvent>[]) => {
  const fold = newFold()
  const at = (n: number) => ({ eventId: n as never, eventTime: { seconds: n as never, nanos: 0 } })
  foldEvents(
    fold,
    events.map((event, n) => ({ ...event, ...at(n + 1) })),
  )
  return fold
}
const activity = (id: string, title: string, summary: string): Partial<HistoryEvent> => ({
  eventGroupMarkers: [{ label: { id: id.split(':')[0] ?? '', label: payload(title) } }],
  userMetadata: { summary: payload(summary) },
  activityTaskScheduledEventAttributes: { activityId: id, activityType: { name: 'act' } },
})
const update = (name: string, asked: unknown): Partial<HistoryEvent> => ({
  workflowExecutionUpdateAcceptedEventAttributes: {
    acceptedRequest: { input: { name, args: { payloads: [payload(asked)] } } },
  },
})
const dana = { id: 'usr_1', name: 'Dana' }
const namesOf = async (...events: Partial<HistoryEvent>[]) => {
  const fold = folded(...events)
  const names = await Promise.all([...fold.steps.values()].map((step) => nameStep(payloads, fold, step)))
  return names.map(({ node, title, part }) => [node, title, part])
}

test('a step is called by its node, and by what it does of it where that is more than one thing', async () => {
  expect(
    await namesOf(
      activity('quote#0', 'Approve the quote', 'Ask a person'),
      activity('quote#0:decision', 'Record the decision', 'Record the decision'),
      activity('send#2', 'Send the letter', 'Send the letter · dana@example.com'),
      activity('hold#0', 'Hold the car', 'Hold the car'),
      activity('hold#0:undo', 'Release the car', 'Release the car'),
    ),
  ).toEqual([
    ['quote', 'Approve the quote', 'Ask a person'],
    ['quote', 'Approve the quote', 'Record the decision'],
    ['send', 'Send the letter', null],
    ['hold', 'Hold the car', null],
    ['hold', 'Release the car', null],
  ])
})

test('what people asked of a run says what and who, and a decision is of the step that asked for it', async () => {
  expect(
    await namesOf(
      activity('quote#0', 'Approve the quote', 'Ask a person'),
      update('control', { by: dana, do: 'pause' }),
      update('control', { by: dana, do: 'set', variable: 'budget', value: 1 }),
      update('control', { by: dana, do: 'skip', step: 'quote#0' }),
      update('decide', { by: dana, step: 'quote#0', decision: 'approve' }),
    ),
  ).toEqual([
    ['quote', 'Approve the quote', 'Ask a person'],
    ['control', 'Paused by Dana', null],
    ['control', '“budget” changed by Dana', null],
    ['control', 'Skipped by Dana', 'Approve the quote'],
    ['quote', 'Approve the quote', 'Approved by Dana'],
  ])
  const fold = folded(update('control', { by: dana, do: 'skip', step: 'nap#0' }))
  expect(await skipsIn(payloads, fold)).toEqual([{ key: 'nap#0', by: 'Dana', at: new Date(1000) }])
  // what the run did not heed was not passed over
  for (const step of fold.steps.values()) step.state = 'failed'
  expect(await skipsIn(payloads, fold)).toEqual([])
})
