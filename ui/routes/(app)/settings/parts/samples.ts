import type { TimelineStep } from '#ui/lib/timeline/layout.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

type Plan = {
  node: string
  title: string
  from: number
  start: number | null
  to: number | null
} & Partial<TimelineStep>

const step = (t0: number, { node, title, from, start, to, ...more }: Plan): TimelineStep => ({
  id: `sample:${node}:${from}`,
  node,
  title,
  iteration: '0',
  part: null,
  skippedBy: null,
  kind: 'activity',
  state: 'completed',
  scheduledAt: iso(t0 + from),
  startedAt: start === null ? null : iso(t0 + start),
  closedAt: to === null ? null : iso(t0 + to),
  attempts: [],
  ...more,
})

/** A lead on its way: done, retried, failed and taken over, waiting for a person, and one step that runs now. */
export const leadSample = (now: number): TimelineStep[] => {
  const t0 = now - 95_000
  const attempt = (n: number, from: number, to: number | null, outcome: 'failed' | 'completed' | 'running') => ({
    n,
    startedAt: iso(t0 + from),
    endedAt: to === null ? null : iso(t0 + to),
    outcome,
  })
  return [
    step(t0, { node: 'read', title: 'Read the lead', from: 0, start: 40, to: 160 }),
    step(t0, {
      node: 'customer',
      title: 'Find or create the customer',
      from: 180,
      start: 260,
      to: 3900,
      attempts: [attempt(1, 260, 900, 'failed'), attempt(2, 1900, 2300, 'failed'), attempt(3, 3300, 3900, 'completed')],
    }),
    step(t0, { node: 'score', title: 'Ask the model', from: 3920, start: 4400, to: 5300, state: 'failed' }),
    step(t0, { node: 'rules', title: 'Fall back on the rules', from: 5320, start: 5330, to: 5400 }),
    step(t0, { node: 'stock', title: 'Look the vehicle up', from: 5420, start: 5500, to: 6100 }),
    step(t0, { node: 'write', title: 'Write to the CRM', from: 6120, start: 6200, to: 6800 }),
    step(t0, {
      node: 'approve',
      title: 'Wait for approval',
      kind: 'update',
      from: 6820,
      start: null,
      to: null,
      state: 'waiting',
    }),
    step(t0, {
      node: 'remind',
      title: 'Remind the desk',
      from: 86_820,
      start: 87_900,
      to: null,
      state: 'retrying',
      attempts: [attempt(1, 87_900, 89_000, 'failed'), attempt(2, 93_000, null, 'running')],
    }),
    step(t0, { node: 'watch', title: 'Watch the stock', from: 88_000, start: 89_400, to: null, state: 'running' }),
    step(t0, { node: 'later', title: 'Write the activity', from: 91_000, start: null, to: null, state: 'scheduled' }),
  ]
}

/** Two thousand steps in three lanes, a few of them failed, with a night in the middle. */
export const longSample = (): TimelineStep[] => {
  const t0 = Date.UTC(2026, 10, 20, 18)
  const titles = ['Fetch a page', 'Match the vehicle', 'Write the record']
  return Array.from({ length: 2000 }, (_, n) => {
    const from = n * 240 + (n >= 1000 ? 32_400_000 : 0)
    const failed = n % 487 === 486
    return step(t0, {
      node: `n${n % 3}`,
      title: titles[n % 3] ?? '',
      from,
      start: from + 30 + ((n * 37) % 90),
      to: from + 260 + ((n * 53) % 400),
      state: failed ? 'failed' : 'completed',
    })
  })
}

export const leadJson = {
  lead: { id: 'adf-4711', source: 'web', received: '2026-11-21T10:15:00.000Z' },
  customer: { name: 'Dana Whitfield', email: 'dana@example.com', phone: null },
  vehicles: [{ make: 'Subaru', model: 'Outback', year: 2024, price: 31_990.5, certified: true }],
  forgiven: [],
}
