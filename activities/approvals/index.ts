import { workflowContext } from '#activities/context.ts'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { Assessment, DecisionInput, RunScope, StockCheck } from '#schemas/leads/run.ts'
import * as store from './store.ts'

type Ask = RunScope & {
  remindAfter: number
  dueAfter: number
  title: string
  lead: Lead
  assessment: Assessment
  stock: StockCheck
}

export const approvalActivities = ({ db }: Pick<Deps, 'db'>) => ({
  /** Opens the approval of the reply; gives its id. */
  openApproval: (ask: Ask): Promise<string> => {
    const { reading, author } = ask.assessment
    const now = Date.now()
    return withTenant(db, ask, (tx) =>
      store.open(tx, workflowContext(ask), {
        run: ask.run,
        title: ask.title,
        text: reading.reply,
        context: {
          summary: reading.summary,
          intent: reading.intent,
          urgency: reading.urgency,
          customer: ask.lead.customer,
          vehicles: ask.lead.vehicles,
          tradeIn: ask.lead.tradeIn,
          stock: ask.stock,
        },
        author: author.name,
        sandbox: author.sandbox,
        remindAt: new Date(now + ask.remindAfter),
        dueAt: new Date(now + ask.dueAfter),
      }),
    )
  },

  recordDecision: (made: RunScope & DecisionInput): Promise<void> =>
    withTenant(db, made, (tx) => store.record(tx, workflowContext(made), made.run, made)),

  withdrawApproval: (scope: RunScope): Promise<void> =>
    withTenant(db, scope, (tx) => store.withdraw(tx, workflowContext(scope), scope.run)),

  remindApprover: (scope: RunScope): Promise<void> =>
    withTenant(db, scope, (tx) => store.remind(tx, workflowContext(scope), scope.run)),

  escalateApproval: (scope: RunScope): Promise<void> =>
    withTenant(db, scope, (tx) => store.escalate(tx, workflowContext(scope), scope.run)),
})
