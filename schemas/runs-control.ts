import { z } from 'zod'
import { eventType } from './audit.ts'
import type { Route } from './http.ts'
import { run } from './runs.ts'

const ofStep = z.object({
  step: z.string().max(200).meta({
    description: '`node#turn`: the turns of the loops around it, outermost first; `0` outside of all.',
    example: 'record#0',
  }),
})

const skipped = ofStep.extend({
  way: z.string().max(80).optional().meta({
    description: 'The port by which it goes on; to be said of a step that goes several ways.',
    example: 'approved',
  }),
  note: z
    .string()
    .trim()
    .max(2000)
    .optional()
    .meta({ description: 'Why; an owner who skips an approval that waits for somebody else says it.' }),
})

/** What is asked of a run at work: answered once it has heeded, or refused with why it cannot. */
const asks = { scope: 'runs:write', reply: run, status: 202, problems: ['run_closed', 'not_possible'] } as const

export const controlRoutes = {
  'POST /v1/runs/:run/pause': {
    ...asks,
    summary: 'Pause a run: steps at work end, no further one begins, in the runs that it waits for neither',
  },
  'POST /v1/runs/:run/resume': { ...asks, summary: 'Let a paused run go on, and the runs that it waits for' },
  'POST /v1/runs/:run/step': { ...asks, summary: 'Let one more step of a paused run begin' },
  'POST /v1/runs/:run/skip': {
    ...asks,
    summary:
      'Pass over a step: it is stopped if it is at work, or not executed when the run comes to it. An approval is skipped while it waits, by whoever may decide it',
    body: skipped,
    problems: [...asks.problems, 'forbidden', 'not_assigned'],
  },
  'POST /v1/runs/:run/retry': {
    ...asks,
    summary: 'End the pause before the next try of a step, as if it were the first',
    body: ofStep,
  },
  'POST /v1/runs/:run/variables': {
    ...asks,
    summary: 'Change a variable of a run; steps that begin from then on see it',
    body: z.object({
      name: z.string().max(64).meta({ example: 'budget' }),
      value: z
        .unknown()
        .refine((value) => value !== undefined, 'Say what it is to hold; null empties it.')
        .meta({ description: 'Of the type that the variable was declared with; null empties it.', example: 25_000 }),
    }),
  },
} as const satisfies Record<string, Route>

/** What is asked of a run, by the last word of its route. */
export type ControlAct = keyof typeof controlRoutes extends `POST /v1/runs/:run/${infer Act}` ? Act : never

export const runControlled = eventType(
  'run_controlled',
  1,
  z.object({
    do: z.string(),
    step: z.string().nullable(),
    variable: z.string().nullable(),
    way: z.string().optional(),
    note: z.string().optional(),
  }),
)
