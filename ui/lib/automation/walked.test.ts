import { expect, test } from 'vitest'
import { iterationOf, turnsOf } from '#schemas/automation/turns.ts'
import type { CanvasNode } from '#schemas/runs.ts'
import { sample } from './sample.ts'
import { readSelection, selectionText } from './selection.ts'
import { turnsTo } from './turns.ts'
import { dataWord, walkedOver, type WalkedStep } from './walked.ts'

const at = '2026-11-21T10:00:00.000Z'
const node = (id: string, state: CanvasNode['state'], more: Partial<CanvasNode> = {}): CanvasNode => ({
  node: id,
  iteration: '0',
  about: null,
  state,
  startedAt: at,
  endedAt: state === 'running' || state === 'waiting' ? null : at,
  skippedBy: null,
  ports: state === 'completed' ? ['out'] : [],
  output: null,
  failure: null,
  ...more,
})
const all = [
  node('start', 'completed'),
  node('read', 'completed', { output: [1, 2, 3] }),
  node('ask', 'completed', { ports: ['yes'] }),
  node('every', 'running'),
  node('tell', 'completed', { iteration: '1', output: 'a' }),
  node('tell', 'failed', { iteration: '2' }),
  node('tell', 'running', { iteration: '3' }),
]
const step = (iteration: string, state: WalkedStep['state'], tries: number): WalkedStep => ({
  id: `s${iteration}`,
  kind: 'activity',
  node: 'tell',
  iteration,
  state,
  attempts: Array.from({ length: tries }, () => ({}) as WalkedStep['attempts'][number]),
  scheduledAt: at,
  startedAt: at,
  closedAt: null,
  undoes: false,
})

test('each node shows how it fared; a loop shows its newest turn until another is chosen', () => {
  const { overlay, picks } = walkedOver(sample(), all, [step('3', 'retrying', 3)], new Map())
  expect(picks.get('every')).toEqual({
    at: 3,
    begun: [[1, 3]],
    failed: [[2, 2]],
    counts: { completed: 1, failed: 1, running: 1 },
    nodes: { tell: { completed: 1, failed: 1, running: 1 } },
  })
  expect(overlay.nodes.get('tell')).toMatchObject({ state: 'retrying', tries: 3, until: null })
  expect(overlay.nodes.has('done')).toBe(false)
  const first = walkedOver(sample(), all, [], new Map([['every', 2]]))
  expect(first.overlay.nodes.get('tell')).toMatchObject({ state: 'failed' })
  expect(first.nodes.get('tell')?.iteration).toBe('2')
})

test('a loop says what the turn that is shown is about', () => {
  const named = all.map((one) => (one.node === 'tell' ? { ...one, about: `car ${one.iteration}` } : one))
  expect(walkedOver(sample(), named, [], new Map()).picks.get('every')?.about).toBe('car 3')
  expect(walkedOver(sample(), named, [], new Map([['every', 2]])).picks.get('every')?.about).toBe('car 2')
})

test('who waits for a time or an event is not waited for by a person', () => {
  const nap = { id: 'nap', kind: 'wait', with: { for: 'schedule', cron: '0 9 * * 1-5', zone: 'Asia/Tokyo' } }
  const paid = { id: 'paid', kind: 'wait', with: { for: 'event', event: 'deposit_paid', key: 'k' } }
  const drawing = { ...sample(), nodes: [...sample().nodes, nap, paid] }
  const now = new Date().toISOString()
  const { overlay, nodes } = walkedOver(
    drawing,
    [node('nap', 'waiting', { startedAt: now }), node('paid', 'running'), node('ask', 'waiting')],
    [],
    new Map(),
  )
  expect(overlay.nodes.get('nap')?.state).toBe('timed')
  expect(overlay.nodes.get('nap')?.says).toMatch(/^Until .*09:00, Tokyo time$/)
  expect(overlay.nodes.get('paid')).toMatchObject({ state: 'listening', says: 'Waits for deposit_paid' })
  expect(nodes.get('ask')?.state).toBe('waiting')
})

test('the edges that were taken carry what flowed, and the others are idle', () => {
  const { overlay } = walkedOver(sample(), all, [], new Map())
  expect(overlay.edges.get('read:out>ask')).toEqual({ way: 'taken', said: '3 entries' })
  expect(overlay.edges.get('ask:yes>every')).toEqual({ way: 'moving' })
  expect(overlay.edges.get('ask:else>done')).toEqual({ way: 'idle' })
  expect(overlay.edges.get('every:each>tell')).toEqual({ way: 'moving' })
})

test('turns are read as the engine writes them', () => {
  expect([iterationOf([]), iterationOf([3]), iterationOf([2, 1])]).toEqual(['0', '3', '2.1'])
  expect([turnsOf('2.1', 2), turnsOf('3', 1), turnsOf('0', 0)]).toEqual([[2, 1], [3], []])
  expect(turnsTo(sample(), 'tell', '4', new Map())).toEqual(new Map([['every', 4]]))
})

test('what flowed is said in a word', () => {
  expect([null, {}, { a: 1 }, [1], 'short', 'a text that is rather long', 7, true].map(dataWord)).toEqual([
    '',
    '',
    '1 field',
    '1 entry',
    'short',
    'a text that is ra…',
    '7',
    'true',
  ])
})

test('what is chosen stands in the address and comes back the same', () => {
  for (const said of ['run_1:12', 'record#2.0', 'read:out>ask', 'read:error:a_b>ask'])
    expect(selectionText(readSelection(said) ?? { of: 'step', step: '' })).toBe(said)
  expect(readSelection(null)).toBeUndefined()
})

test('a step that could not be undone says so, however well it went itself', () => {
  const undoing = (state: WalkedStep['state']): WalkedStep => ({ ...step('0', state, 2), node: 'read', undoes: true })
  const after = (state: WalkedStep['state']) => walkedOver(sample(), all, [undoing(state)], new Map()).nodes.get('read')
  expect(after('failed')).toMatchObject({ state: 'completed', undo: 'failed', tries: 0 })
  expect(after('completed')).toMatchObject({ state: 'completed', undo: 'done' })
  expect(after('running')?.undo).toBeUndefined()
})

test('a step that a person passed over says who', () => {
  const passed = all.map((one) =>
    one.node === 'read' ? { ...one, state: 'skipped' as const, skippedBy: 'Dana' } : one,
  )
  expect(walkedOver(sample(), passed, [], new Map()).overlay.nodes.get('read')).toMatchObject({
    state: 'skipped',
    skippedBy: 'Dana',
  })
})

test('a step of a loop whose turns are runs of their own is not shown as one that nobody came to', () => {
  const paged: WalkedStep = { ...step('0', 'completed', 1), kind: 'child', node: 'every' }
  const over = walkedOver(sample(), [node('every', 'completed')], [paged], new Map()).overlay
  expect(over.nodes.get('tell')).toEqual({ elsewhere: true })
  const counts = { begun: [[1, 900] as [number, number]], failed: [], counts: {}, nodes: { tell: { completed: 900 } } }
  const counted = walkedOver(sample(), [node('every', 'completed')], [paged], new Map(), new Map([['every', counts]]))
  expect(counted.overlay.nodes.get('tell')).toEqual({ elsewhere: true, times: { completed: 900 } })
  expect(counted.picks.get('every')).toMatchObject({ at: 900 })
  expect(over.nodes.get('ask')).toBeUndefined()
  const here = walkedOver(sample(), [node('every', 'completed')], [{ ...paged, kind: 'activity' }], new Map()).overlay
  expect(here.nodes.get('tell')).toBeUndefined()
})

test('what one step did took as long as that ran, as on the timeline; what a person decides takes as long as they do', () => {
  const [began, over] = ['2026-11-21T10:00:00.500Z', '2026-11-21T10:00:00.526Z']
  const ran = (id: string): WalkedStep => ({ ...step('0', 'completed', 1), node: id, startedAt: began, closedAt: over })
  const ended = { endedAt: '2026-11-21T10:00:00.600Z' }
  const look = { id: 'look', kind: 'code', with: { source: 'return 1' } }
  const decide = { id: 'decide', kind: 'approval', with: {} }
  const drawing = { ...sample(), nodes: [...sample().nodes, look, decide] }
  const nodes = [node('look', 'completed', ended), node('decide', 'completed', ended)]
  const { overlay } = walkedOver(drawing, nodes, [ran('look'), ran('decide')], new Map())
  expect(overlay.nodes.get('look')).toMatchObject({ from: began, until: over })
  expect(overlay.nodes.get('decide')).toMatchObject({ from: at, until: ended.endedAt })
})
