import { expect, test } from 'vitest'
import { chain, definition, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'

const hour = 3_600_000
const asking = (more: Node['with']): Definition =>
  definition(
    [
      { id: 'start', kind: 'start' },
      { id: 'ask', kind: 'approval', with: { ask: 'Go on?', remindAfter: '1h', dueAfter: '2h', ...more } },
      { id: 'end', kind: 'end' },
      { id: 'no', kind: 'end', with: { outcome: 'no' } },
    ],
    [
      ...chain('start', 'ask'),
      { from: 'ask', port: 'approved', to: 'end' },
      { from: 'ask', port: 'rejected', to: 'no' },
      { from: 'ask', port: 'expired', to: 'no' },
    ],
  )
/** What had been done by then of a run that is paused from its first minute on and goes on after ten hours. */
const paused = async (def: Definition, decideAt: number | null) => {
  const seen: Record<number, string[]> = {}
  const { end, host } = await play(def, undefined, {}, (engine, at) => {
    at.at(60_000, () => engine.pause.begin())
    for (const after of [0.5, 1.5, 2.5])
      at.at(after * hour, () => (seen[after] = at.acts.map((act) => act.split(' ')[1] ?? '')))
    if (decideAt !== null)
      at.at(decideAt, () => engine.deliver({ node: 'ask#0', type: 'decision', data: { decision: 'approve' } }))
    at.at(10 * hour, () => engine.pause.end())
  })
  const endedAt = host.changes.find(({ node, state }) => (node === 'end' || node === 'no') && state === 'completed')?.at
  return { seen, end, endedAt }
}

test('who is asked is reminded, and it is handed up, by the clock while the run is paused; what follows waits', async () => {
  const { seen, end, endedAt } = await paused(asking({}), 3 * hour)
  expect(seen).toEqual({
    0.5: ['openApproval'],
    1.5: ['openApproval', 'remindApprover'],
    2.5: ['openApproval', 'remindApprover', 'escalateApproval'],
  })
  expect(end).toMatchObject({ end: 'completed', outcome: 'done' })
  expect(endedAt).toBe(10 * hour)
})

test('its deadline passes by the clock too', async () => {
  const { seen, end, endedAt } = await paused(asking({ onDue: 'expire' }), null)
  expect(seen[2.5]).toEqual(['openApproval', 'remindApprover', 'expireApproval'])
  expect(end).toMatchObject({ end: 'completed', outcome: 'no' })
  expect(endedAt).toBe(10 * hour)
})
