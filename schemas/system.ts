import { z } from 'zod'
import { eventType } from './audit.ts'
import { timestamp, type Route } from './http.ts'
import { id } from './ids.ts'
import { plugs, type ProcessName } from './system-plugs.ts'

export { plugs, whenDown, type ProcessName } from './system-plugs.ts'

export const processName = z.enum(Object.keys(plugs) as [ProcessName, ...ProcessName[]])

export const processState = z.enum(['starting', 'up', 'down', 'pulled', 'backing_off', 'unknown'])
export const processRow = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  state: processState,
  pid: z.number().int().nullable(),
  since: timestamp.nullable(),
  backAt: timestamp.nullable(),
  restarts: z.number().int(),
  instances: z.number().int(),
  waits: z.string().nullable().meta({ description: 'While it is down: what waits for it.' }),
})
export type ProcessRow = z.infer<typeof processRow>

export const overview = z.object({
  id: z.literal('overview'),
  running: z.number().int(),
  waiting: z.number().int(),
  completedToday: z.number().int(),
  failedToday: z.number().int(),
  acceptedLastHour: z.number().int(),
  inbox: z.number().int().meta({ description: 'Accepted, not yet started.' }),
  inboxAgeSeconds: z.number().meta({ description: 'Age of the oldest of them.' }),
  quarantined: z.number().int(),
  medianSecondsToReply: z.number().nullable(),
  perMinute: z.array(z.object({ at: timestamp, accepted: z.number().int(), completed: z.number().int() })),
})
export type Overview = z.infer<typeof overview>

/** A run whose history could not be made into a timeline; the projector goes on trying, ever less often. */
export const setAside = z.object({
  run: id('run'),
  error: z.string(),
  tries: z.number().int(),
  since: timestamp,
  nextAt: timestamp.meta({ description: 'When it is tried again.' }),
})
export type SetAside = z.infer<typeof setAside>

export const systemRoutes = {
  'GET /v1/overview': { summary: 'Counters and throughput of this tenant', scope: 'runs:read', reply: overview },
  'GET /v1/system': {
    summary: 'The processes and their health',
    scope: 'system:read',
    reply: z.object({
      demo: z.boolean(),
      processes: z.array(processRow),
      setAside: z.array(setAside).meta({ description: 'Runs of this tenant that could not be projected.' }),
    }),
  },
  'POST /v1/system/processes/:process/kill': {
    summary: 'Demo only: SIGKILL a process and leave it dead for some seconds',
    scope: 'system:write',
    body: z.object({ seconds: z.number().int().min(1).max(60).default(8) }),
    reply: z.object({ processes: z.array(processRow) }),
    status: 202,
    problems: ['demo_only', 'conflict'],
  },
} as const satisfies Record<string, Route>

export const plugPulled = eventType('plug_pulled', 1, z.object({ process: z.string(), seconds: z.number() }))
