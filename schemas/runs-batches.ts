import { z } from 'zod'
import { eventType } from './audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'
import { run, runState } from './runs.ts'

/** Which runs a batch works through; with nothing said, all that its act is for. */
export const batchFilter = z.object({
  state: runState.optional(),
  workflow: z.string().max(64).optional(),
  text: z.string().max(200).optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
})
export type BatchFilter = z.infer<typeof batchFilter>

export const batchHow = z.object({
  from: z.enum(['start', 'failure']).default('start').meta({ description: 'Where each is run again from.' }),
  version: z.enum(['same', 'published']).default('same'),
  again: z.boolean().default(false).meta({ description: 'Also those that somebody has run again since.' }),
})
export type BatchHow = z.infer<typeof batchHow>

export const startBatch = z.object({
  act: z.enum(['rerun', 'cancel']).meta({ description: 'Run closed runs again, or cancel open ones.' }),
  filter: batchFilter.default({}),
  how: batchHow.default({ from: 'start', version: 'same', again: false }),
  perMinute: z.number().int().min(1).max(6000).default(120).meta({ description: 'The most runs in a minute.' }),
})

export const batch = z.object({
  id: id('batch'),
  act: z.enum(['rerun', 'cancel']),
  filter: batchFilter,
  how: batchHow,
  perMinute: z.number().int(),
  state: z.enum(['running', 'completed', 'cancelled']),
  total: z.number().int().meta({ description: 'Runs that fitted when it was asked for.' }),
  done: z.number().int(),
  refused: z.number().int().meta({ description: 'Runs that could not, such as those that meanwhile have changed.' }),
  by: z.object({ id: z.string(), name: z.string() }),
  createdAt: timestamp,
  closedAt: timestamp.nullable(),
})
export type Batch = z.infer<typeof batch>

export const batchItem = z.object({
  run: id('run'),
  newRun: id('run').nullable(),
  refused: z.string().nullable().meta({ description: 'Why it could not.' }),
})
export type BatchItem = z.infer<typeof batchItem>

export const batchRoutes = {
  'GET /v1/batches': {
    summary: 'List the batches of runs, newest first',
    scope: 'runs:read',
    query: pageQuery,
    reply: pageOf(batch),
  },
  'POST /v1/batches': {
    summary: 'Run many runs again, or cancel them, at a pace; it goes on whoever closes the page',
    scope: 'runs:write',
    body: startBatch,
    reply: batch,
    status: 201,
    creates: true,
    problems: ['conflict'],
  },
  'POST /v1/batches/preview': {
    summary: 'What a batch would work through: how many runs, and the first of them',
    scope: 'runs:read',
    body: startBatch,
    reply: z.object({ total: z.number().int(), first: z.array(run) }),
  },
  'GET /v1/batches/:batch': {
    summary: 'A batch, with what became of its runs so far',
    scope: 'runs:read',
    query: pageQuery,
    reply: z.object({ batch, items: z.array(batchItem), next: z.string().nullable() }),
  },
  'POST /v1/batches/:batch/cancel': {
    summary: 'Stop a batch; what it has done stays done',
    scope: 'runs:write',
    reply: batch,
    problems: ['conflict'],
  },
} as const satisfies Record<string, Route>

export const batchRequested = eventType(
  'batch_requested',
  1,
  z.object({ act: z.string(), total: z.number().int(), perMinute: z.number().int() }),
)
export const batchClosed = eventType(
  'batch_closed',
  1,
  z.object({ state: z.enum(['completed', 'cancelled']), done: z.number().int(), refused: z.number().int() }),
)
