import { policyRoutes } from './policies.ts'

/** The contract of steering: policies, and what they would do. */
export const steeringRoutes = { ...policyRoutes }
