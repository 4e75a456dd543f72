import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeFold, rowsOf, tookOf, type Folding } from './fold.ts'
import { lanesOf, type Row, type TimelineStep } from './layout.ts'

const t0 = Date.UTC(2026, 10, 21, 10)
const iso = (ms: number): string => new Date(t0 + ms).toISOString()
const states = ['completed', 'cancelled', 'failed', 'timed_out', 'retrying', 'waiting', 'running', 'scheduled'] as const
const step = (node: string, at: number, more: Partial<TimelineStep> = {}): TimelineStep => ({
  id: `${node} ${at}`,
  node,
  title: node,
  iteration: '0',
  part: null,
  skippedBy: null,
  kind: 'activity',
  state: 'completed',
  scheduledAt: iso(at),
  startedAt: iso(at),
  closedAt: iso(at + 500),
  attempts: [],
  ...more,
})
const folded = (steps: TimelineStep[], more: Partial<Folding> = {}): Row[] =>
  rowsOf(lanesOf(steps), {
    minor: new Set(['m1', 'm2', 'm3', 'm4']),
    isOpen: () => false,
    isUnfolded: () => false,
    ...more,
  })
const told = (rows: Row[]): string[] =>
  rows.map((row) => {
    const name =
      row.type === 'fold'
        ? `${row.fold.steps.length} minor`
        : row.type === 'lane'
          ? row.lane.node
          : row.type === 'taken'
            ? row.taken.node
            : row.step.id
    return `${'  '.repeat(row.level - 1)}${name}`
  })
const line = (...nodes: string[]) => nodes.map((node, n) => step(node, n * 1000))

describe('minor steps', () => {
  test('that stand together fold into one quiet row; what stands between them stays', () => {
    expect(told(folded(line('a', 'm1', 'm2', 'b', 'm3', 'm4', 'c')))).toEqual([
      'a 0',
      '2 minor',
      'b 3000',
      '2 minor',
      'c 6000',
    ])
  })

  test('one alone keeps its row: folding would save none', () => {
    expect(told(folded(line('a', 'm1', 'b')))).toEqual(['a 0', 'm1 1000', 'b 2000'])
  })

  test.each(states.slice(2))('one that is %s is seen, and parts what folds around it', (state) => {
    const steps = line('m1', 'm2', 'bad', 'm3', 'm4').map((one) =>
      one.node === 'bad' ? { ...one, state, closedAt: null } : one,
    )
    const minor = new Set(['m1', 'm2', 'bad', 'm3', 'm4'])
    expect(told(folded(steps, { minor }))).toEqual(['2 minor', 'bad 2000', '2 minor'])
  })

  test('of all turns of a loop are one row, unless one turn went wrong', () => {
    const turns = Array.from({ length: 1000 }, (_, n) => step('m1', n * 10))
    expect(told(folded([...turns, step('a', 20_000)]))).toEqual(['1000 minor', 'a 20000'])
    const wrong = turns.map((one, n) => (n === 700 ? { ...one, state: 'failed' as const } : one))
    expect(told(folded([...wrong, step('m2', 30_000), step('m3', 31_000)]))).toEqual(['m1', '2 minor'])
  })

  test('stand one level in when their fold is opened, the turns of a loop two', () => {
    const steps = [...line('a', 'm1'), step('m2', 2000), step('m2', 3000)]
    const open = { isUnfolded: ({ node }: { node: string }) => node === 'm2' }
    expect(told(folded(steps, open))).toEqual(['a 0', '3 minor', '  m1 1000', '  m2'])
    expect(told(folded(steps, { ...open, isOpen: () => true }))).toEqual([
      'a 0',
      '3 minor',
      '  m1 1000',
      '  m2',
      '    m2 2000',
      '    m2 3000',
    ])
  })

  test('are told with how many, how long without counting twice, and which', () => {
    const [row] = folded([step('m1', 0), step('m2', 250), step('m3', 5000)])
    if (row?.type !== 'fold') throw new Error('it does not fold')
    expect(tookOf(row.fold)).toBe(1250)
    expect(describeFold(row.fold)).toBe('3 minor steps, took 1.3 s: m1, m2, m3')
  })

  test('fold whatever the run is like: nothing is lost, nothing doubled, and no trouble is hidden', () => {
    const some = fc.array(
      fc.record({ node: fc.constantFrom('a', 'b', 'm1', 'm2', 'm3'), state: fc.constantFrom(...states) }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(some, fc.boolean(), (drawn, isOpen) => {
        const steps = drawn.map(({ node, state }, n) => step(node, n * 100, { state }))
        const rows = folded(steps, { isOpen: () => isOpen })
        const seen = rows.flatMap((row) =>
          row.type === 'fold'
            ? row.fold.steps
            : row.type === 'step'
              ? [row.step]
              : row.type === 'taken' || row.open
                ? []
                : row.lane.steps,
        )
        expect(seen.map((one) => one.id).toSorted()).toEqual(steps.map((one) => one.id).toSorted())
        for (const row of rows)
          if (row.type === 'fold')
            for (const { state } of row.fold.steps) expect(['completed', 'cancelled']).toContain(state)
      }),
      { seed: 5 },
    )
  })
})
