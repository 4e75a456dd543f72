import type { Deps } from '#activities/deps.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { requestChild } from './children.ts'
import { codeActivities } from './code.ts'
import { httpActivities } from './http.ts'
import { versionOf } from './versions.ts'

/** What the nodes of an automation do outside of their workflow, besides operations. */
export const automationActivities = (deps: Deps) => ({
  requestChild: requestChild(deps),

  /** A definition that is too large to travel in the input of its runs. */
  loadDefinition: async (of: { tenant: string; automation: string; version: string }): Promise<Definition> =>
    (await versionOf(deps.db, of)).definition,

  ...httpActivities(deps),
  ...codeActivities(deps),
})
