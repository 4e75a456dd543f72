import type { Deps } from '#activities/deps.ts'
import { codeActivities } from './code.ts'
import { httpActivities } from './http.ts'

/** What the nodes of an automation do outside of their workflow, besides operations. */
export const automationActivities = (deps: Deps) => ({
  ...httpActivities(deps),
  ...codeActivities(deps),
})
