import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { closed, delegate, refuseOthers } from '#activities/approvals/store-decide.ts'
import { findApproval, listApprovals, listDeciders } from '#activities/approvals/store-list.ts'
import { withTenant } from '#activities/database.ts'
import { findRun } from '#activities/runs/store.ts'
import { refuseStuck } from '#activities/runs/store-control.ts'
import type { Approval, approvalRoutes, Decision } from '#schemas/approvals.ts'
import { checker } from '#schemas/automation/document/sentences.ts'
import { Fault } from '#schemas/errors.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import type { DecisionInput, PassedOn } from '#schemas/automation/run.ts'
import type { Context } from '#schemas/tenancy.ts'
import { messages } from '#temporal/names.ts'
import type { Handlers } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { freshener } from './runs-fresh.ts'

/** How long a decision may wait for the workflow to take it, in ms, before the decider is told to try again. */
const patience = 10_000

export function approvalHandlers(deps: ApiDeps): Handlers<typeof approvalRoutes> {
  const { db, temporal } = deps
  const lookAt = freshener(deps)
  const told = async (run: string, what: PassedOn): Promise<void> => {
    try {
      await temporal.withDeadline(Date.now() + patience, () =>
        temporal.workflow.getHandle(run).signal(messages.passedOn, what),
      )
    } catch (error) {
      // its run has ended, which the approval will hear of
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
  }
  const find = (ctx: Context, id: string) => withTenant(db, ctx, (tx) => findApproval(tx, ctx, id))
  return {
    'GET /v1/approvals/deciders': async ({ ctx }) => ({
      items: await withTenant(db, ctx, (tx) => listDeciders(tx, ctx)),
    }),
    'GET /v1/approvals': ({ ctx, query }) => withTenant(db, ctx, (tx) => listApprovals(tx, ctx, query)),
    'GET /v1/approvals/:approval': ({ ctx, params }) => find(ctx, params.approval),
    'POST /v1/approvals/:approval/decide': async ({ ctx, params, body }) => {
      const note = body.note ?? null
      const { run } = await find(ctx, params.approval)
      await lookAt(ctx, run)
      const approval = await withTenant(db, ctx, async (tx) => {
        const found = await findApproval(tx, ctx, params.approval)
        if (found.state !== 'open') throw closed(found.state, found.decidedBy)
        await refuseOthers(tx, ctx, found.assignees, { by: ctx.actor.id, note })
        refuseStuck((await findRun(tx, ctx, run)).stuck)
        return found
      })
      const made: DecisionInput = {
        step: approval.step,
        decision: body.decision,
        text: body.text === undefined || body.text === approval.text ? null : body.text,
        note,
        values: readValues(approval, body),
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
    'POST /v1/approvals/:approval/delegate': ({ ctx, params, body }) =>
      withTenant(db, ctx, async (tx) => {
        const { approval, times } = await delegate(tx, ctx, params.approval, body)
        // before the commit, so that what is passed on is told of; the letter waits for the row
        await told(approval.run, { step: approval.step, times })
        return approval
      }),
  }
}

type Given = { decision: Decision; values?: Record<string, unknown> | undefined }

/** What was filled in, as the form wants it. Who rejects need not fill it in. */
const readValues = ({ form }: Approval, { decision, values }: Given): JsonObject => {
  const given = (values ?? {}) as JsonObject
  if (form === null || (decision === 'reject' && values === undefined)) return given
  const misfits = checker(form)(given)
  if (misfits.length === 0) return given
  const issues = misfits.map(({ path, message }) => ({ path: `/body/values${path}`, message }))
  throw new Fault('input_invalid', 'The form is not filled in as it has to be.', { issues })
}

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
    return closed(details?.decision === 'approve' ? 'approved' : 'rejected', details?.by ?? null)
  const code = error.cause.type === 'not_assigned' ? 'not_assigned' : 'conflict'
  return new Fault(code, error.cause.message)
}
