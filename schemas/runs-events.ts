import { z } from 'zod'
import { eventType } from './audit.ts'
import { closedStates } from './runs.ts'

export const runRequested = eventType(
  'run_requested',
  1,
  z.object({ workflow: z.string(), receipt: z.string().nullable(), rerunOf: z.string().nullable() }),
)
export const runStarted = eventType('run_started', 1, z.object({ workflow: z.string() }))
export const runClosed = eventType(
  'run_closed',
  1,
  z.object({ state: z.enum(closedStates), outcome: z.string().nullable(), failure: z.string().nullable() }),
)
export const runForgotten = eventType('run_forgotten', 1, z.object({}))
export const runCancelAsked = eventType('run_cancel_asked', 1, z.object({ reason: z.string().nullable() }))
