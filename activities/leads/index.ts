import { Context as ActivityContext } from '@temporalio/activity'
import { toJSONSchema } from 'zod'
import { storable } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { JsonSchema } from '#schemas/automation/json.ts'
import type { Lead, LeadReading } from '#schemas/leads/lead.ts'
import type { Assessment, ReadLead, RunScope } from '#schemas/leads/run.ts'
import { LeadReading as readingShape } from '#schemas/leads/shape.ts'
import { readLead } from './read.ts'

const instructions = `You answer leads for a car dealership. Read the lead and give: intent, urgency, a summary of at
most two sentences for the sales team, and a reply to the customer: friendly, specific to the vehicle and to what was
asked, no prices or promises that the lead does not contain, signed "Your sales team".`

const readingSchema = toJSONSchema(readingShape, { target: 'draft-7' }) as JsonSchema

export const leadActivities = (deps: Deps) => ({
  readLead: (scope: RunScope): Promise<ReadLead> => readLead(deps, scope),

  /** Asks the model; an answer of another shape is repaired once, then refused. */
  async assessByModel({ lead }: RunScope & { lead: Lead }): Promise<Assessment> {
    const { value, repaired } = await deps.gateway.complete({
      turns: [
        { role: 'system', content: instructions },
        {
          role: 'user',
          content: JSON.stringify({ customer: lead.customer, vehicles: lead.vehicles, tradeIn: lead.tradeIn }),
        },
      ],
      schema: readingSchema,
      name: 'lead_reading',
      signal: ActivityContext.current().cancellationSignal,
    })
    const { model, sandbox } = deps.gateway.config
    return { reading: storable(value) as LeadReading, author: { by: 'model', name: model, sandbox, repaired } }
  },

  /** Takes over the reading that the workflow made by the rules, so that the timeline shows who wrote it. */
  assessByRules: async ({ reading }: RunScope & { reading: LeadReading }): Promise<Assessment> => ({
    reading,
    author: { by: 'rules', name: 'Rules (the model failed)', sandbox: false, repaired: false },
  }),
})
