import type { Deps } from '#activities/deps.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { requestChild } from './children.ts'
import { httpActivities } from './http.ts'
import { versionOf } from './versions.ts'

/** What nodes do besides the operations of connected systems. */
export const automationActivities = (deps: Deps) => ({
  requestChild: requestChild(deps),

  /** A definition that is too large to travel in the input of its runs. */
  loadDefinition: async (of: { tenant: string; automation: string; version: string }): Promise<Definition> =>
    (await versionOf(deps.db, of)).definition,

  ...httpActivities(deps),
})
