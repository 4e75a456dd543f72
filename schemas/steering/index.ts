import { policyRoutes } from './policies.ts'
import { replayRoutes } from './replays.ts'
import { trialRoutes } from './trials.ts'

/** The contract of steering: policies, and what they would do. */
export const steeringRoutes = { ...policyRoutes, ...trialRoutes, ...replayRoutes }
