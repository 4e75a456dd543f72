import { performing } from '#activities/connectors/perform.ts'
import type { Deps } from '#activities/deps.ts'
import { readByRules } from '#schemas/leads/rules.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import { readLead } from './read.ts'

/** The operations on leads. */
export const leadOperations = (deps: Pick<Deps, 'db' | 'connectors' | 'gateway'>) => ({
  'leads.read': performing('leads.read', (_input, { tenant, run }) => readLead(deps, { tenant, run })),

  'leads.assess_by_rules': performing<{ lead: Lead }>('leads.assess_by_rules', ({ lead }) => ({
    reading: readByRules(lead),
    author: { by: 'rules', name: 'Rules', sandbox: false, repaired: false },
  })),
})
