import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { findApproval, listApprovals } from '#activities/approvals/store.ts'
import { withTenant } from '#activities/database.ts'
import type { approvalRoutes } from '#schemas/approvals.ts'
import { Fault } from '#schemas/errors.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import type { DecisionInput } from '#schemas/automation/run.ts'
import type { Context } from '#schemas/tenancy.ts'
import { messages } from '#temporal/names.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'

/** How long a decision may wait for the workflow to take it, in ms, before the decider is told to try again. */
const patience = 10_000

export function approvalHandlers({ db, temporal }: ApiDeps): Handlers<typeof approvalRoutes> {
  const find = (ctx: Context, id: string) => withTenant(db, ctx, (tx) => findApproval(tx, ctx, id))
  return {
    'GET /v1/approvals': ({ ctx, query }) => withTenant(db, ctx, (tx) => listApprovals(tx, ctx, query)),
    'GET /v1/approvals/:approval': ({ ctx, params }) => find(ctx, params.approval),
    'POST /v1/approvals/:approval/decide': async ({ ctx, params, body }) => {
      const approval = await find(ctx, params.approval)
      if (approval.state !== 'open') throw decided(approval.state, approval.decidedBy)
      const made: DecisionInput = {
        step: approval.step,
        decision: body.decision,
        text: body.text === undefined || body.text === approval.text ? null : body.text,
        note: body.note ?? null,
        values: (body.values ?? {}) as JsonObject,
        by: { id: ctx.actor.id, name: ctx.actor.name ?? ctx.actor.id },
      }
      try {
        await temporal.withDeadline(Date.now() + patience, () =>
          temporal.workflow.getHandle(approval.run).executeUpdate(messages.decide, { args: [made] }),
        )
      } catch (error) {
        throw refusal(error)
      }
      return find(ctx, params.approval)
    },
  }
}

const decided = (state: string, by: { id: string; name: string } | null): Fault =>
  new Fault(
    'already_decided',
    by === null ? `This approval is ${state}.` : `${by.name} has already decided: ${state}.`,
    by === null ? {} : { decidedBy: by },
  )

/** The workflow's validator refuses the second of two; who was first stands in its details. */
const refusal = (error: unknown): unknown => {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new Fault(
      'unavailable',
      'No worker has taken the decision yet; it may still be taken when one is back. Look again before you retry.',
    )
  if (error instanceof WorkflowNotFoundError) return new Fault('run_closed')
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return error
  const [details] = (error.cause.details ?? []) as [{ by?: { id: string; name: string }; decision?: string }?]
  if (error.cause.type === 'already_decided')
    return decided(details?.decision === 'approve' ? 'approved' : 'rejected', details?.by ?? null)
  return new Fault('conflict', error.cause.message)
}
