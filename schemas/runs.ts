import { z } from 'zod'
import { pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { document } from './automation/index.ts'
import { id } from './ids.ts'
import { rerunRun, startRun, testRun } from './runs-start.ts'

/** Whose run a step works for; every activity input carries it, and the database is bound to it. */
export type RunScope = { tenant: string; run: string }

/** `queued`: accepted, Temporal not yet told. `waiting`: a person has to act. */
export const runStates = ['queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'] as const
export const runState = z.enum(runStates)
export type RunState = z.infer<typeof runState>
export const closedStates = ['completed', 'failed', 'cancelled'] as const satisfies readonly RunState[]
/** How runs are looked for: by their state, or by what says more than that. */
export const runStands = [...runStates, 'paused', 'stuck'] as const
export type RunStand = (typeof runStands)[number]
export const isClosed = (stand: RunStand): boolean => (closedStates as readonly RunStand[]).includes(stand)

/** What may be done to a run, by its state. The API and the screen read the same table. */
export const runAllows = {
  cancel: ['queued', 'running', 'waiting'],
  control: ['running', 'waiting'],
  rerun: ['completed', 'failed', 'cancelled'],
} as const satisfies Record<string, readonly RunState[]>

const failure = z.object({
  code: z.string(),
  message: z.string(),
  stack: z.string().nullable().optional(),
  cause: z.string().nullable().optional(),
})
const runFailure = failure.extend({
  node: z.string().nullable().optional().meta({ description: 'The step that failed, where the run came to one.' }),
})
export type RunFailure = z.infer<typeof runFailure>

const stuck = z.object({
  since: timestamp,
  message: z.string().meta({ description: 'Why, in a sentence.' }),
  said: z.string().meta({ description: 'What the machine said of it, word for word.' }),
})
export type RunStuck = z.infer<typeof stuck>

/** A run of its own, one that stands in another, or a page of another run's loop. */
export const runRoles = ['run', 'subflow', 'page'] as const
export type RunRole = (typeof runRoles)[number]

export const run = z.object({
  id: id('run'),
  workflow: z.string().meta({ description: 'The handle of its automation.', example: 'lead-response' }),
  automation: id('automation').nullable(),
  version: z.string().nullable().meta({ description: 'The content hash of the version that runs.' }),
  versionNumber: z.number().int().nullable(),
  parent: id('run').nullable().meta({ description: 'The run that it stands in.' }),
  role: z.enum(runRoles),
  test: z.boolean(),
  title: z.string().meta({ example: 'Dana Whitfield · 2024 Subaru Outback' }),
  state: runState,
  paused: z.boolean().meta({ description: 'Somebody holds it back: what is at work ends, nothing new begins.' }),
  stuck: stuck.nullable().meta({
    description: 'The platform cannot go on with it for now: its code fails, and is tried again until it does not.',
  }),
  outcome: z.string().nullable().meta({ description: 'What it came to, in a word: sent, rejected, …' }),
  receipt: id('receipt').nullable(),
  rerunOf: id('run').nullable(),
  batch: id('batch').nullable().meta({ description: 'The batch that it was made by.' }),
  follows: id('run').nullable().meta({ description: 'The run whose failure it follows.' }),
  supersededBy: id('run').nullable().meta({ description: 'The newer run that it gave way to.' }),
  waitsFor: z
    .string()
    .nullable()
    .meta({ description: 'The key that it shares with runs before it, while it waits for its turn.' }),
  approval: id('approval').nullable().meta({ description: 'The open approval it waits for.' }),
  requestedAt: timestamp,
  startedAt: timestamp.nullable(),
  closedAt: timestamp.nullable(),
  failure: runFailure.nullable(),
  events: z.number().int().meta({ description: 'Events of the history projected so far.' }),
  sandbox: z.boolean().meta({ description: 'Its model or connectors are the sandbox.' }),
})
export type Run = z.infer<typeof run>

export const stepKinds = ['activity', 'timer', 'signal', 'update', 'child', 'marker'] as const
export const stepStates = [
  'scheduled',
  'running',
  'retrying',
  'waiting',
  'completed',
  'failed',
  'timed_out',
  'cancelled',
] as const
export const stepState = z.enum(stepStates)
export type StepState = z.infer<typeof stepState>

/** One try of an activity, as the worker reported it while history was silent. */
export const attempt = z.object({
  n: z.number().int(),
  startedAt: timestamp,
  endedAt: timestamp.nullable(),
  outcome: z.enum(['running', 'completed', 'failed', 'cancelled', 'lost']),
  message: z.string().nullable(),
  progress: z.string().nullable().meta({ description: 'The last heartbeat, if any.' }),
  worker: z.string().nullable(),
})
export type Attempt = z.infer<typeof attempt>

export const step = z.object({
  id: z.string().meta({ description: '`run:head event id`: a step is a group of history events.' }),
  run: id('run'),
  node: z.string(),
  part: z.string().nullable().meta({
    description: 'What of its node it does, where that is more than one thing.',
    example: 'Ask a person',
  }),
  iteration: z.string().meta({
    description: 'The turns of the loops around it, outermost first: `2.3`; `0` outside of all.',
    example: '0',
  }),
  kind: z.enum(stepKinds),
  type: z.string(),
  title: z.string(),
  state: stepState,
  scheduledAt: timestamp,
  startedAt: timestamp.nullable(),
  closedAt: timestamp.nullable(),
  attempts: z.array(attempt),
  events: z.array(z.number().int()).meta({ description: 'Ids of the history events it is made of.' }),
  summary: z.string().nullable(),
  failure: failure.nullable(),
  preview: z.string().nullable().meta({ description: 'The result in a line.' }),
  skippedBy: z.string().nullable().meta({ description: 'Who passed it over.' }),
  undoes: z.boolean().meta({ description: 'Whether it undoes what its node has done.' }),
})
export type Step = z.infer<typeof step>

export const stepDetail = step.extend({
  input: z.unknown(),
  output: z.unknown(),
  queue: z.string().nullable(),
  history: z.array(z.object({ id: z.number().int(), type: z.string(), at: timestamp })),
})
export type StepDetail = z.infer<typeof stepDetail>

export const nodeStates = [
  'running',
  'waiting',
  'completed',
  'failed',
  'skipped',
  'stopped',
  'seeded',
  'disabled',
] as const

/** Where a node of the drawing got to, in one of its iterations. */
export const canvasNode = z.object({
  node: z.string(),
  iteration: z.string().meta({ example: '0' }),
  about: z.string().nullable().meta({
    description: 'What the turn that it stands in is about, in a few words; null outside of loops.',
    example: '2021 Honda CR-V',
  }),
  state: z.enum(nodeStates).meta({
    description:
      '`seeded`: taken over from an earlier run, or pinned for a test. `disabled`: switched off in the version that runs, and gone past by the ports named.',
  }),
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
  skippedBy: z.string().nullable().meta({ description: 'Who passed it over; nobody where the run went another way.' }),
  ports: z.array(z.string()).meta({ description: 'The ways it went on by.' }),
  output: z.unknown(),
  failure: z
    .object({
      code: z.string(),
      message: z.string(),
      said: z.string().optional().meta({ description: 'What the machine said of it, word for word.' }),
    })
    .nullable(),
})
export type CanvasNode = z.infer<typeof canvasNode>

export const runCanvas = z.object({
  automation: id('automation'),
  version: z.string(),
  versionNumber: z.number().int(),
  definition: document.meta({ description: 'The document of the version that runs.' }),
  nodes: z.array(canvasNode),
  variables: z.record(z.string(), z.unknown()),
  paused: z.boolean(),
})
export type RunCanvas = z.infer<typeof runCanvas>

export const takenOver = z.object({ node: z.string(), title: z.string() })
export type TakenOver = z.infer<typeof takenOver>

/** Whether a run stands so. */
export const stands = ({ state, paused, stuck }: Pick<Run, 'state' | 'paused' | 'stuck'>, as: RunStand): boolean =>
  as === 'paused' ? paused : as === 'stuck' ? stuck !== null : state === as

/** What runs are searched by; whatever is said has to fit. */
export const runFilter = z.object({
  state: z.enum(runStands).optional().meta({
    description: 'paused: held back by somebody; stuck: its code fails. Both are running or waiting as well.',
  }),
  workflow: z.string().max(64).optional(),
  text: z.string().max(200).optional(),
  batch: id('batch').optional().meta({ description: 'Those that a batch has made.' }),
  tests: z.enum(['only', 'none']).optional().meta({ description: 'Test runs alone, or none of them.' }),
  from: timestamp.optional(),
  to: timestamp.optional(),
})
export type RunFilter = z.infer<typeof runFilter>

export const runRoutes = {
  'GET /v1/runs': {
    summary: 'List and search runs, newest first',
    scope: 'runs:read',
    query: pageQuery.extend(runFilter.shape),
    reply: pageOf(run),
  },
  'POST /v1/automations/:automation/runs': {
    summary: 'Start a run of an automation; answered once the request is committed',
    scope: 'runs:write',
    body: startRun,
    reply: run,
    status: 201,
    creates: true,
    problems: ['not_found', 'input_invalid', 'not_published', 'automation_archived'],
  },
  'POST /v1/automations/:automation/test': {
    summary: 'Run a draft, or a part of it, on the sandbox',
    scope: 'runs:write',
    body: testRun,
    reply: run,
    status: 201,
    creates: true,
    problems: ['not_found', 'input_invalid', 'automation_invalid', 'automation_archived'],
  },
  'GET /v1/runs/:run': {
    summary: 'A run with its steps, and the runs that repeat it',
    scope: 'runs:read',
    reply: z.object({
      run,
      steps: z.array(step),
      reruns: z.array(run).meta({ description: 'The newest runs that repeat it.' }),
      takenOver: z.array(takenOver).meta({
        description: 'The nodes that were not executed: what they gave was taken over from the run that it repeats.',
      }),
      minor: z.array(z.string()).meta({ description: 'The nodes that its drawing marks as of minor importance.' }),
    }),
  },
  'GET /v1/runs/:run/steps/:step': {
    summary: 'A step with its whole input, output and events',
    scope: 'runs:read',
    reply: stepDetail,
  },
  'GET /v1/runs/:run/history': {
    summary: 'Export the history as JSON, payloads decoded',
    scope: 'runs:read',
    reply: z.object({ run: z.string(), events: z.array(z.record(z.string(), z.unknown())) }),
  },
  'POST /v1/runs/:run/cancel': {
    summary: 'Cancel a run: it stops, and undoes what it must; one that is stuck ends where it stands',
    scope: 'runs:write',
    body: z.object({ reason: z.string().trim().max(500).optional() }),
    reply: run,
    status: 202,
    problems: ['run_closed'],
  },
  'GET /v1/runs/:run/canvas': {
    summary: 'The drawing that a run follows, with where each node got to and what it gave',
    scope: 'runs:read',
    reply: runCanvas,
    problems: ['history_unreadable'],
  },
  'POST /v1/runs/:run/rerun': {
    summary: 'Run a closed run again: from its start, from where it failed, or from any node',
    scope: 'runs:write',
    body: rerunRun,
    reply: run,
    status: 201,
    creates: true,
    problems: ['not_possible', 'automation_archived'],
  },
} as const satisfies Record<string, Route>
