import { WorkflowNotFoundError } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testKey } from '#test/harness/database.ts'
import { connectTemporal } from './client.ts'
import {
  eventName,
  packHistory,
  readHistory,
  readWholeHistory,
  unpackHistory,
  written,
  type HistoryEvent,
} from './history.ts'
import { temporal } from './proto.ts'

const address = process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']!
const connect = (namespace: string) => connectTemporal({ address, namespace, keys: [testKey] })
let client: ReturnType<typeof connect>
beforeAll(() => {
  client = connect('default')
})
afterAll(() => client.connection.close())

const startOne = (workflowId: string) =>
  client.workflow.start('nobody', { taskQueue: 'nobody-polls-this', workflowId, args: [{ name: 'Dana' }] })

test('what is packed and unpacked is the history that was read, its payloads still encrypted', async () => {
  const run = await startOne('history-packed')
  await run.terminate('seen')
  const events = await readWholeHistory(client, run.workflowId)
  const packed = await packHistory(events)
  const again = await unpackHistory(packed)
  expect(again.map(eventName)).toEqual(events.map(eventName))
  expect(again.map((event) => Number(event.eventId))).toEqual(events.map((event) => Number(event.eventId)))
  const [input] = again[0]!.workflowExecutionStartedEventAttributes!.input!.payloads!
  expect(Buffer.from(input!.metadata!['encoding']!).toString()).toBe('binary/encrypted')
  expect(Buffer.from(input!.data!).toString('latin1')).not.toContain('Dana')
  await expect(unpackHistory(packed.subarray(0, packed.length - 9))).rejects.toThrow()
})

test('a follower waits with its token until something is new, and has none when the run has closed', async () => {
  const run = await startOne('history-followed')
  const first = await readHistory(client, run.workflowId, { wait: true })
  expect(first.events.map(eventName)).toContain('WorkflowExecutionStarted')
  expect(first.token).not.toBeNull()
  const next = readHistory(client, run.workflowId, { wait: true, token: first.token })
  await run.terminate('enough')
  const { events, token } = await next
  expect(events.map(eventName).at(-1)).toBe('WorkflowExecutionTerminated')
  expect(token).toBeNull()
})

test('a run that Temporal does not know is told apart from a namespace that is not there', async () => {
  await expect(readWholeHistory(client, 'history-never')).rejects.toBeInstanceOf(WorkflowNotFoundError)
  const elsewhere = connect('no-such-namespace')
  const fault: unknown = await readWholeHistory(elsewhere, 'history-never').catch((error: unknown) => error)
  expect(fault).not.toBeInstanceOf(WorkflowNotFoundError)
  expect(String(fault)).toContain('no-such-namespace')
  await elsewhere.connection.close()
})

test('an event of a kind that this version has no name for has one all the same', () => {
  const { EVENT_TYPE_TIMER_FIRED } = temporal.api.enums.v1.EventType
  expect(eventName({ eventType: EVENT_TYPE_TIMER_FIRED })).toBe('TimerFired')
  expect(eventName({ eventType: 9999 as never })).toBe('Unknown')
})

test('a task that is tried again and not written yet is no event: what comes next has its number', () => {
  const scheduled = (id: number, attempt: number) =>
    ({ eventId: id as never, workflowTaskScheduledEventAttributes: { attempt } }) as HistoryEvent
  const started = (id: number) => ({ eventId: id as never, workflowTaskStartedEventAttributes: {} }) as HistoryEvent
  const completed = { eventId: 4 as never, workflowTaskCompletedEventAttributes: {} } as HistoryEvent
  const idsOf = (...events: HistoryEvent[]) => written(events).map(({ eventId }) => Number(eventId))
  expect(idsOf(scheduled(2, 1), started(3))).toEqual([2, 3])
  expect(idsOf(completed, scheduled(5, 2), started(6))).toEqual([4])
  expect(idsOf(completed, scheduled(5, 2))).toEqual([4])
  expect(idsOf(scheduled(2, 2), started(3), completed)).toEqual([2, 3, 4])
  expect(idsOf()).toEqual([])
})
