import { z } from 'zod'
import { eventType } from './audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'
import { batchLimits } from './runs-pace.ts'
import { rerunRun } from './runs-start.ts'
import { run, runFilter, runState } from './runs.ts'

/** Which runs a batch works through; with nothing said, all that its act is for. */
export const batchFilter = runFilter.extend({
  runs: z
    .array(id('run'))
    .min(1)
    .max(batchLimits.named)
    .optional()
    .meta({ description: 'These, as far as they fit the rest.' }),
})
export type BatchFilter = z.infer<typeof batchFilter>

/** As one run is run again; one that has not the node, or not the version, is refused and holds up nobody. */
export const batchHow = rerunRun.extend({
  again: z.boolean().default(false).meta({ description: 'Also those that somebody has run again since.' }),
})
export type BatchHow = z.infer<typeof batchHow>

export const startBatch = z.object({
  act: z.enum(['rerun', 'cancel']).meta({ description: 'Run closed runs again, or cancel open ones.' }),
  filter: batchFilter.default({}),
  how: batchHow.default({ from: 'start', version: 'same', again: false }),
  perMinute: z
    .number()
    .int()
    .min(1)
    .max(batchLimits.perMinute)
    .default(120)
    .meta({ description: 'The most runs in a minute.' }),
  note: z.string().trim().max(500).optional().meta({ description: 'Why.', example: 'The DMS was down until 10:40.' }),
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
  note: z.string().nullable(),
})
export type Batch = z.infer<typeof batch>

/** How the runs of a batch stand that were not refused. */
export const batchEnds = ['open', 'completed', 'failed', 'cancelled'] as const

/** What became of the runs of a batch that it took. */
export const batchBecame = z.object({
  open: z.number().int().meta({ description: 'New runs that have not ended; of a batch that cancels, its runs.' }),
  completed: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
})
export type BatchBecame = z.infer<typeof batchBecame>

/** A batch as lists show it. */
export const seenBatch = batch.extend({ became: batchBecame })
export type SeenBatch = z.infer<typeof seenBatch>

export const batchProgress = batchBecame.extend({
  refusals: z
    .array(z.object({ reason: z.string(), runs: z.number().int() }))
    .meta({ description: 'Why runs were refused, the most frequent reasons first.' }),
})
export type BatchProgress = z.infer<typeof batchProgress>

export const batchItem = z.object({
  run: id('run'),
  title: z.string().nullable().meta({ description: 'Null when the run is forgotten since.' }),
  newRun: id('run').nullable(),
  state: runState.nullable().meta({ description: 'How the new run stands; of a batch that cancels, the run.' }),
  refused: z.string().nullable().meta({ description: 'Why it could not.' }),
})
export type BatchItem = z.infer<typeof batchItem>

export const batchRoutes = {
  'GET /v1/batches': {
    summary: 'List the batches of runs, newest first',
    scope: 'runs:read',
    query: pageQuery,
    reply: pageOf(seenBatch),
  },
  'POST /v1/batches': {
    summary: 'Run many runs again, or cancel them, at a pace; it goes on whoever closes the page',
    scope: 'runs:write',
    body: startBatch,
    reply: batch,
    status: 201,
    creates: true,
    problems: ['nothing_fits', 'batch_too_large'],
  },
  'POST /v1/batches/preview': {
    summary: 'What a batch would work through: how many runs, and the first of them',
    scope: 'runs:read',
    body: startBatch,
    reply: z.object({
      total: z.number().int(),
      most: z.number().int().meta({ description: 'The most runs that a batch takes.' }),
      states: z.array(z.object({ state: runState, runs: z.number().int() })),
      stuck: z.number().int().meta({
        description:
          'Those that the platform cannot go on with: cancelled, they end where they stand, and nothing is undone.',
      }),
      first: z.array(run),
    }),
  },
  'GET /v1/batches/:batch': {
    summary: 'A batch, with what became of its runs so far, the last that it took first',
    scope: 'runs:read',
    query: pageQuery.extend({ only: z.enum([...batchEnds, 'refused']).optional() }),
    reply: pageOf(batchItem).extend({ batch, progress: batchProgress }),
  },
  'POST /v1/batches/:batch/cancel': {
    summary: 'Stop a batch; what it has done stays done',
    scope: 'runs:write',
    reply: batch,
    problems: ['not_possible'],
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
