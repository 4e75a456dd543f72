import { expect, test } from 'vitest'
import type { Step } from '#schemas/runs.ts'
import { troublesOf } from './trouble.ts'

const open = { closedAt: null, failure: null, stuck: null }
const at = '2026-11-21T10:00:00.000Z'
const tried = (outcome: 'failed' | 'lost' | 'running', message: string | null = null) =>
  ({ outcome, message }) as Step['attempts'][number]
const step = (id: string, more: Partial<Step>) =>
  ({
    id,
    node: `node-${id}`,
    title: `Step ${id}`,
    state: 'completed',
    closedAt: at,
    failure: null,
    attempts: [],
    undoes: false,
    ...more,
  }) as Step

test('a run in which all goes well has no trouble', () => {
  expect(
    troublesOf(open, [step('1', {}), step('2', { state: 'running', closedAt: null, attempts: [tried('running')] })]),
  ).toEqual([])
})

test('a step that is tried again says how often it failed, and why the last time', () => {
  const attempts = [tried('lost'), tried('failed', 'The CRM answered 503.'), tried('running')]
  const steps = [
    step('1', { attempts: [tried('failed', 'Long over.')] }),
    step('2', { state: 'running', closedAt: null, attempts }),
  ]
  expect(troublesOf(open, steps)).toEqual([
    {
      tone: 'retrying',
      title: 'Step 2: 2 tries have failed, and it is tried again',
      detail: 'The CRM answered 503.',
      step: '2',
    },
  ])
})

test('what failed for good stands before what is tried again', () => {
  const failure = { code: 'mail_refused', message: 'The address was refused.' }
  const steps = [
    step('1', { state: 'failed', failure }),
    step('2', { state: 'retrying', closedAt: null, attempts: [tried('failed', 'The CRM answered 503.')] }),
  ]
  expect(troublesOf(open, steps).map(({ title, detail }) => [title, detail])).toEqual([
    ['Step 1 failed', 'The address was refused.'],
    ['Step 2: one try has failed, and it is tried again', 'The CRM answered 503.'],
  ])
})

test('a step whose node got by without it is overcome', () => {
  const failure = { code: 'model_unavailable', message: 'The model does not answer.' }
  const steps = [step('1', { node: 'model', state: 'failed', failure }), step('2', { node: 'model' }), step('3', {})]
  expect(troublesOf(open, steps)).toEqual([
    {
      tone: 'overcome',
      title: 'Step 1 failed; the run went on: Step 2',
      detail: 'The model does not answer.',
      step: '1',
    },
  ])
})

test('a run that failed says why, and at which step', () => {
  const failure = { code: 'mail_refused', message: 'The address was refused.', cause: '550 no such user' }
  const run = { ...open, closedAt: at, failure }
  const { code, message } = failure
  expect(troublesOf(run, [step('1', { state: 'failed', failure: { code, message } }), step('2', {})])).toEqual([
    {
      tone: 'failed',
      title: 'Step 1: The address was refused.',
      detail: undefined,
      said: '550 no such user',
      step: '1',
    },
  ])
  expect(troublesOf(run, [])).toMatchObject([{ title: 'The address was refused.', step: undefined }])
  expect(troublesOf({ ...open, closedAt: at }, [step('1', { state: 'failed' })])).toEqual([])
})

test('a run that failed at what leaves no bar is not said to have failed at what it got over before', () => {
  const over = step('1', { state: 'failed', failure: { code: 'code_failed', message: 'first, handled' } })
  const failure = { code: 'not_ours', message: 'The real reason.', node: 'raise' }
  expect(troublesOf({ ...open, closedAt: at, failure }, [over])).toEqual([
    { tone: 'failed', title: 'The real reason.', detail: undefined, step: undefined, node: 'raise' },
  ])
  const same = step('2', { state: 'failed', failure: { code: 'not_ours', message: 'The real reason.' } })
  expect(troublesOf({ ...open, closedAt: at, failure }, [same])).toMatchObject([{ step: undefined }])
  expect(troublesOf({ ...open, closedAt: at, failure: { ...failure, node: null } }, [over])).toMatchObject([
    { title: 'The real reason.', step: undefined },
  ])
  expect(troublesOf({ ...open, closedAt: at, failure: { ...failure, node: 'node-2' } }, [over, same])).toMatchObject([
    { title: 'Step 2: The real reason.', step: '2' },
  ])
})

test('of the turns of one step, the one that the run failed by is shown', () => {
  const turn = (id: string, message: string) =>
    step(id, { node: 'ask', state: 'failed', failure: { code: 'refused', message } })
  const failure = { code: 'refused', message: 'The second.', node: 'ask' }
  const steps = [turn('1', 'The first.'), turn('2', 'The second.'), turn('3', 'The third.')]
  expect(troublesOf({ ...open, closedAt: at, failure }, steps)).toMatchObject([{ step: '2' }])
})

test('a time limit that ran out is shown at its step, whatever sentence Temporal has for it', () => {
  const failure = { code: 'timed_out', message: 'It took too long.', node: 'node-1' }
  const late = { state: 'timed_out', failure: { code: 'timed_out', message: 'It took longer than it may.' } } as const
  expect(troublesOf({ ...open, closedAt: at, failure }, [step('1', late), step('2', late)])).toMatchObject([
    { title: 'Step 1: It took too long.', step: '1' },
  ])
})

test('what could not be undone is told of each, and is not taken for why the run failed', () => {
  const failure = { code: 'mail_refused', message: 'The address was refused.' }
  const kept = { code: 'connector_refused', message: 'The DMS has no such vehicle.' }
  const steps = [
    step('1', { state: 'failed', failure }),
    step('2', { title: 'Release the car', undoes: true, state: 'failed', failure: kept }),
    step('3', { title: 'Free the bay', undoes: true }),
  ]
  const told = { tone: 'failed', title: 'Not undone: Release the car', detail: kept.message, step: '2' }
  expect(troublesOf({ ...open, closedAt: at, failure }, steps)).toMatchObject([
    { title: 'Step 1: The address was refused.', step: '1' },
    told,
  ])
  expect(troublesOf({ ...open, closedAt: at }, steps.slice(1))).toEqual([told])
  expect(troublesOf(open, steps.slice(1))).toEqual([told])
})

test('a run that the platform cannot go on with says so first, and what cancelling does then', () => {
  const stuck = {
    since: at,
    message: 'The platform cannot go on with this run: its code fails at this point.',
    said: '[TMPRL1100] raw',
  }
  const [first, second] = troublesOf({ ...open, stuck }, [step('1', { state: 'failed', failure: null })])
  expect(first).toMatchObject({ tone: 'failed', title: stuck.message, said: '[TMPRL1100] raw', step: undefined })
  expect(first?.detail).toContain('nothing can be undone then')
  expect(second?.title).toBe('Step 1 failed')
})
