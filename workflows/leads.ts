import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  condition,
  defineUpdate,
  isCancellation,
  setHandler,
  setWorkflowOptions,
  type ActivityOptions,
} from '@temporalio/workflow'
import { readByRules } from '#schemas/leads/rules.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { Assessment, DecisionInput, LeadOutcome, LeadRun } from '#schemas/leads/run.ts'
import { messages, queues } from '#temporal/names.ts'
import { inNode, step } from './step.ts'
import { Saga } from './saga.ts'

// messages
export const decide = defineUpdate<void, [DecisionInput]>(messages.decide)

// outside
const ours = { startToCloseTimeout: '15s', retry: { initialInterval: '200ms', maximumInterval: '10s' } } as const
const connectors = {
  taskQueue: queues.connectors,
  startToCloseTimeout: '20s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
} as const satisfies ActivityOptions
const model = {
  taskQueue: queues.ai,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '90s',
  retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 4 },
} as const satisfies ActivityOptions

// a lead may wait for a person over an upgrade, so it moves on with the code; the replay tests keep that safe
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, lead)
/** A dealer's lead, from its reading to the reply that a person has approved. */
export async function lead(input: LeadRun): Promise<LeadOutcome> {
  const { tenant, run, origin } = input
  const scope = { tenant, run }
  const saga = new Saga()

  // handlers
  let asked = false
  let decision: DecisionInput | undefined
  let recorded = false
  setHandler(
    decide,
    async (made) => {
      decision = made
      try {
        await step('recordDecision', { ...ours, node: 'approval', title: 'Record the decision' }, { ...scope, ...made })
        recorded = true
      } catch (error) {
        decision = undefined
        throw error
      }
    },
    {
      validator: (_made: DecisionInput) => {
        if (!asked) throw ApplicationFailure.nonRetryable('Nothing is open for approval yet.', 'conflict')
        if (decision !== undefined)
          throw ApplicationFailure.nonRetryable('This approval was already decided.', 'already_decided', {
            by: decision.by,
            decision: decision.decision,
          })
      },
    },
  )

  // story
  try {
    const read = await step('readLead', { ...ours, node: 'read', title: 'Read the lead' }, scope)
    const customer = await step(
      'matchCustomer',
      { ...connectors, node: 'match', title: 'Find or create the customer' },
      { ...scope, origin, lead: read.lead },
    )
    const assessment = await assess(scope, read.lead)
    const stock = await step(
      'checkStock',
      { ...connectors, node: 'stock', title: 'Look the vehicle up in stock' },
      { ...scope, lead: read.lead },
    )

    saga.add('handDealBack', (why) =>
      step(
        'handDealBack',
        { ...connectors, scheduleToCloseTimeout: '5m', node: 'hand-back', title: 'Hand the deal back to a person' },
        { ...scope, origin, lead: read.lead, why },
      ),
    )
    const record = await step(
      'recordInCrm',
      { ...connectors, node: 'record', title: 'Write to the CRM' },
      { ...scope, origin, lead: read.lead, customer, assessment, stock },
    )

    saga.add('withdrawApproval', () =>
      step('withdrawApproval', { ...ours, node: 'approval', title: 'Withdraw the approval' }, scope),
    )
    // a person may see the approval, and decide, before this workflow hears that it is open
    asked = true
    await step(
      'openApproval',
      { ...ours, node: 'approval', title: 'Ask a person' },
      { ...scope, ...input.approval, lead: read.lead, assessment, stock, title: read.title },
    )
    const made = await decided(input, () => (recorded ? decision : undefined))

    const close = (what: 'sent' | 'call' | 'rejected') =>
      step(
        'noteInCrm',
        { ...connectors, node: 'close', title: 'Note it in the CRM' },
        { ...scope, origin, lead: read.lead, record, what, by: made.by.name },
      )
    if (made.decision === 'reject' || read.lead.customer.email === null) {
      const outcome = made.decision === 'reject' ? 'rejected' : 'call'
      await close(outcome)
      return { outcome, mail: null, decidedBy: made.by.id }
    }
    const mail = await step(
      'sendReply',
      { ...connectors, node: 'send', title: 'Send the reply' },
      { ...scope, lead: read.lead, text: made.text ?? assessment.reading.reply },
    )
    saga.settle()
    await close('sent')
    return { outcome: 'sent', mail, decidedBy: made.by.id }
  } catch (error) {
    await saga.compensate(reason(error))
    throw error
  }
}

/** The model's reading, or the rules' when the model fails for good; the timeline shows which. */
const assess = async (scope: { tenant: string; run: string }, lead: Lead): Promise<Assessment> => {
  try {
    return await step('assessByModel', { ...model, node: 'assess', title: 'Ask the model' }, { ...scope, lead })
  } catch (error) {
    if (isCancellation(error)) throw error
    const reading = readByRules(lead)
    return step(
      'assessByRules',
      { ...ours, node: 'assess', title: 'Fall back to the rules', about: reason(error).slice(0, 120) },
      { ...scope, reading },
    )
  }
}

/** Waits for the decision: reminds once, then hands up, then reminds again each period. Only a person ends it. */
const decided = async (
  { tenant, run, approval }: LeadRun,
  decision: () => DecisionInput | undefined,
): Promise<DecisionInput> => {
  const scope = { tenant, run }
  const within = (ms: number, title: string, iteration: number) =>
    inNode('approval', title, () => condition(() => decision() !== undefined, ms, { summary: title }), iteration)

  if (!(await within(approval.remindAfter, 'Wait for a person', 1)))
    await step('remindApprover', { ...ours, node: 'approval', title: 'Remind' }, scope)
  const left = Math.max(approval.dueAfter - approval.remindAfter, 1)
  if (!(await within(left, 'Wait for a person', 2)))
    await step('escalateApproval', { ...ours, node: 'approval', title: 'Escalate' }, scope)
  for (let round = 3; !(await within(approval.dueAfter, 'Wait for a manager', round)); round++)
    await step('remindApprover', { ...ours, node: 'approval', iteration: round, title: 'Remind again' }, scope)

  const made = decision()
  if (made === undefined) throw ApplicationFailure.nonRetryable('The wait ended without a decision.', 'internal')
  return made
}

const reason = (error: unknown): string => {
  if (error instanceof CancelledFailure || isCancellation(error)) return 'The run was cancelled.'
  if (error instanceof ActivityFailure) return error.cause?.message ?? error.message
  return error instanceof Error ? error.message : String(error)
}
