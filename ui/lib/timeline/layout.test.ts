import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeAxis, toShare, toTime } from './axis.ts'
import { rowsOf } from './fold.ts'
import { axisOf, barOf, lanesOf, latestOf, stripOf, type TimelineStep } from './layout.ts'
import { nameOfRow } from './names.ts'
import { tickLabel, ticksOf } from './ticks.ts'

const t0 = Date.UTC(2026, 10, 21, 10)
const iso = (seconds: number): string => new Date(t0 + seconds * 1000).toISOString()
const step = (id: string, from: number, started: number | null, to: number | null, more: Partial<TimelineStep> = {}) =>
  ({
    id,
    node: id,
    title: id,
    iteration: '0',
    part: null,
    skippedBy: null,
    kind: 'activity',
    state: to === null ? 'running' : 'completed',
    scheduledAt: iso(from),
    startedAt: started === null ? null : iso(started),
    closedAt: to === null ? null : iso(to),
    attempts: [],
    ...more,
  }) satisfies TimelineStep as TimelineStep

test('nothing that has happened is drawn after now, however late the clock of the screen is', () => {
  const attempts = [{ n: 1, startedAt: iso(4), endedAt: iso(6), outcome: 'failed' as const }]
  const steps = [step('read', 0, 1, 3), step('ask', 3, 4, null, { state: 'retrying', attempts })]
  expect(latestOf(steps)).toBe(t0 + 6000)
  expect(latestOf([])).toBe(0)
  const now = Math.max(t0 + 2000, latestOf(steps))
  const axis = axisOf(steps, null, now)
  for (const one of steps) expect(barOf(one, axis, now).end).toBeLessThanOrEqual(toShare(axis, now))
})

describe('the axis', () => {
  test('is plain when nothing pauses', () => {
    const axis = makeAxis([{ from: 0, to: 10_000 }], { from: 0, to: 10_000 })
    expect(axis.stretches).toEqual([{ from: 0, to: 10_000, start: 0, end: 1, gap: false }])
    expect(toShare(axis, 2500)).toBe(0.25)
  })

  test('a night of waiting is drawn short, what happened around it keeps its proportions', () => {
    const night = 8 * 3_600_000
    const axis = axisOf(
      [
        step('parse', 0, 0, 2),
        step('ask', 2, null, 2 + 28_800, { kind: 'update' }),
        step('send', 28_802, 28_802, 28_804),
      ],
      t0 + 28_804_000,
      t0 + 99_999_999,
    )
    const gap = axis.stretches.filter((it) => it.gap)
    expect(gap).toHaveLength(1)
    expect(gap[0]!.to - gap[0]!.from).toBe(night)
    expect(gap[0]!.end - gap[0]!.start).toBeLessThan(0.08)
    const width = (from: number, to: number) => toShare(axis, t0 + to * 1000) - toShare(axis, t0 + from * 1000)
    expect(width(0, 2)).toBeCloseTo(width(28_802, 28_804), 6)
    expect(width(0, 2)).toBeGreaterThan(0.4)
  })

  test('two long pauses of one run are both drawn short', () => {
    const busy = [0, 40_000, 90_000].map((from) => ({ from, to: from + 1000 }))
    expect(makeAxis(busy, { from: 0, to: 91_000 }).stretches.filter((it) => it.gap)).toHaveLength(2)
  })

  test('never runs backwards, covers 0 to 1, and finds its way back', () => {
    const interval = fc.tuple(fc.nat(5_000_000), fc.nat(100_000)).map(([from, length]) => ({ from, to: from + length }))
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 30 }), fc.array(fc.nat(5_200_000)), (busy, times) => {
        const axis = makeAxis(busy, { from: 0, to: 5_200_000 })
        expect(axis.stretches[0]!.start).toBe(0)
        expect(axis.stretches.at(-1)!.end).toBeCloseTo(1, 9)
        const shares = times.sort((a, b) => a - b).map((time) => toShare(axis, time))
        expect(shares).toEqual([...shares].sort((a, b) => a - b))
        for (const time of times) expect(Math.abs(toTime(axis, toShare(axis, time)) - time)).toBeLessThan(1)
      }),
      { seed: 3, numRuns: 200 },
    )
  })
})

describe('bars', () => {
  test('show queue time, run time and each attempt', () => {
    const retried = step('crm', 0, 6, 10, {
      attempts: [
        { n: 1, startedAt: iso(1), endedAt: iso(2), outcome: 'failed' },
        { n: 2, startedAt: iso(6), endedAt: iso(10), outcome: 'completed' },
      ],
    })
    const bar = barOf(retried, axisOf([retried], t0 + 10_000, 0), 0)
    expect(bar).toEqual({
      start: 0,
      work: 0.1,
      end: 1,
      open: false,
      attempts: [
        { n: 1, start: 0.1, end: 0.2, outcome: 'failed' },
        { n: 2, start: 0.6, end: 1, outcome: 'completed' },
      ],
    })
  })

  test('one that runs reaches to now, with room ahead; one still queued has no run time', () => {
    const steps = [
      step('done', 0, 0, 3),
      step('running', 3, 4, null),
      step('queued', 5, null, null, { state: 'scheduled' }),
    ]
    const axis = axisOf(steps, null, t0 + 7000)
    const now = toShare(axis, t0 + 7000)
    expect(now).toBeLessThan(1)
    expect(barOf(steps[1]!, axis, t0 + 7000)).toMatchObject({ end: now, open: true })
    const queued = barOf(steps[2]!, axis, t0 + 7000)
    expect(queued.work).toBe(queued.end)
    expect(axisOf(steps, null, t0 + 7100).to).toBe(axis.to)
  })

  test('a run that only waits leaves the room to what happened, and the wait goes on inside its gap', () => {
    const waiting = step('wait', 2, null, null, { kind: 'timer', state: 'waiting' })
    const steps = [step('parse', 0, 0, 2), waiting]
    const now = t0 + 7_200_000
    const axis = axisOf(steps, null, now)
    expect(toShare(axis, t0 + 2000)).toBeGreaterThan(0.9)
    expect(axis.stretches.find((it) => it.gap)).toMatchObject({ from: t0 + 2000, to: axis.to })
    expect(barOf(waiting, axis, now)).toMatchObject({ start: toShare(axis, t0 + 2000), end: toShare(axis, now) })
    const busy = axisOf([...steps, step('remind', 7199, 7199, null)], null, now)
    expect(busy.stretches.at(-1)!.gap).toBe(false)
  })
})

describe('rows', () => {
  const loop = [1, 2, 3].map((n) => step(`mail#${n}`, n, n, n + 1, { node: 'mail', title: 'Mail' }))

  test('a node that ran once is one row, one that ran more folds', () => {
    const lanes = lanesOf([...loop, step('parse', 0, 0, 1)])
    expect(lanes.map((lane) => lane.node)).toEqual(['parse', 'mail'])
    const rows = (open: boolean) => rowsOf(lanes, { minor: new Set(), isOpen: () => open, isUnfolded: () => false })
    expect(rows(false).map((row) => row.type)).toEqual(['step', 'lane'])
    expect(rows(true).map((row) => row.type)).toEqual(['step', 'lane', 'step', 'step', 'step'])
  })

  test('a strip joins what is too near to tell apart, and never hides a failure', () => {
    const many = Array.from({ length: 8000 }, (_, n) =>
      step(`s${n}`, n, n, n + 0.5, { state: n === 4321 ? 'failed' : 'completed' }),
    )
    const pieces = stripOf(many, axisOf(many, t0 + 8_000_000, 0), 0, 2 / 800)
    expect(pieces.length).toBeLessThan(400)
    expect(pieces.reduce((sum, piece) => sum + piece.count, 0)).toBe(8000)
    expect(pieces.filter((piece) => piece.state === 'failed')).toHaveLength(1)
  })
})

describe('ticks', () => {
  test('are round, in view, apart from each other, and none is in a gap', () => {
    const axis = makeAxis(
      [
        { from: 0, to: 4000 },
        { from: 3_600_000, to: 3_603_000 },
      ],
      { from: 0, to: 3_603_000 },
    )
    const ticks = ticksOf(axis, { from: 0, to: 1 }, 0.1)
    expect(ticks.map((tick) => tick.label)).toEqual(['0', '1 s', '2 s', '3 s', '4 s', '1:00:01', '1:00:02', '1:00:03'])
    const gaps = axis.stretches.filter((it) => it.gap)
    for (const { time } of ticks) expect(gaps.some((gap) => time > gap.from && time < gap.to)).toBe(false)
  })

  test('labels are as exact as the step asks for', () => {
    expect(
      [
        [250, 50],
        [1500, 500],
        [12_000, 2000],
        [125_000, 5000],
        [10_810_000, 10_000],
        [61_250, 250],
      ].map(([at, by]) => tickLabel(at!, by!)),
    ).toEqual(['250 ms', '1.5 s', '12 s', '2:05', '3:00:10', '1:01.250'])
  })
})

describe('rows say what they are', () => {
  const folding = { minor: new Set<string>(), isOpen: () => true, isUnfolded: () => false }
  const wordsOf = (steps: TimelineStep[], taken: { node: string; title: string }[] = []) =>
    rowsOf(lanesOf(steps), folding, taken).map(nameOfRow)

  test('steps of one node by their turn and by what they do of it', () => {
    const turns = [
      step('a', 0, 0, 1, { node: 'ask', title: 'Ask', iteration: '1', part: 'Ask a person' }),
      step('b', 1, 1, 2, { node: 'ask', title: 'Ask', iteration: '2.3' }),
    ]
    expect(wordsOf(turns)).toEqual(['Ask', 'turn 1 · Ask a person', 'turn 2.3'])
    expect(wordsOf(turns.slice(0, 1))).toEqual(['Ask · turn 1 · Ask a person'])
  })

  test('what people asked of the run by what they asked and who did', () => {
    const asked = { node: 'control', kind: 'update' as const }
    const steps = [
      step('p', 0, 0, 1, { ...asked, title: 'Paused by Dana' }),
      step('r', 1, 1, 2, { ...asked, title: 'Resumed by Dana' }),
    ]
    expect(wordsOf(steps)).toEqual(['What people asked for', 'Paused by Dana', 'Resumed by Dana'])
  })

  test('what was taken over from another run comes first', () => {
    expect(wordsOf([step('send', 0, 0, 1)], [{ node: 'read', title: 'Read' }])).toEqual(['Read', 'send'])
  })
})
