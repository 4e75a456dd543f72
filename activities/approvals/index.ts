import { workflowContext } from '#activities/context.ts'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { assignees, type Assignees } from '#schemas/approvals.ts'
import { isOpenToAll } from '#schemas/approvals-asked.ts'
import type { Call, CallScope } from '#schemas/automation/call.ts'
import { isObject, type Json, type JsonObject, type JsonSchema } from '#schemas/automation/json.ts'
import type { DecisionInput } from '#schemas/automation/run.ts'
import { asText } from '#schemas/automation/value.ts'
import { Fault } from '#schemas/errors.ts'
import { createLetters } from './letters.ts'
import * as store from './store.ts'
import { record } from './store-decide.ts'

/** What an `approval` node asks; times in ms. */
type Ask = Call<{
  ask: Json
  text: Json
  show: Json
  author: Json
  form: JsonSchema | null
  assignees: Json
  escalateTo: Json
  delegate: boolean
  remindAfter: number
  dueAfter: number
  expires: boolean
}>

export const approvalActivities = (deps: Pick<Deps, 'db' | 'connectors' | 'url'>) => {
  const { db } = deps
  const write = createLetters(deps)
  return {
    /** Opens the approval that a step asks for, and writes to those whom it names; gives its id. */
    openApproval: async (ask: Ask): Promise<string> => {
      const author: JsonObject = isObject(ask.author) ? ask.author : {}
      const now = Date.now()
      const id = await withTenant(db, ask, (tx) =>
        store.open(tx, workflowContext(ask), {
          run: ask.run,
          step: ask.step,
          title: asText(ask.ask),
          text: asText(ask.text),
          context: isObject(ask.show) ? ask.show : { value: ask.show },
          author: asText(author['name'] ?? null),
          sandbox: author['sandbox'] === true,
          form: ask.form,
          assignees: readAssignees('Who decides', ask.assignees),
          escalateTo: readAssignees('Hand up to', ask.escalateTo),
          delegable: ask.delegate,
          expires: ask.expires,
          remindAt: new Date(now + Math.min(ask.remindAfter, ask.dueAfter)),
          dueAt: new Date(now + ask.dueAfter),
        }),
      )
      await write(ask, 'opened')
      return id
    },

    tellDelegate: (of: Call<{ times: number }>): Promise<void> => write(of, { passedOn: of.times }),

    recordDecision: (made: Call<DecisionInput>): Promise<void> =>
      withTenant(db, made, (tx) => record(tx, workflowContext(made), made)),

    withdrawApproval: (of: CallScope): Promise<void> =>
      withTenant(db, of, (tx) => store.withdraw(tx, workflowContext(of), of)),

    expireApproval: (of: CallScope): Promise<void> =>
      withTenant(db, of, (tx) => store.expire(tx, workflowContext(of), of)),

    // the letters first, so that a try that fails has told nothing
    remindApprover: async (of: CallScope): Promise<void> => {
      await write(of, 'reminded')
      await withTenant(db, of, (tx) => store.remind(tx, workflowContext(of), of))
    },

    escalateApproval: async (of: CallScope): Promise<void> => {
      await write(of, 'handed_up')
      await withTenant(db, of, (tx) => store.escalate(tx, workflowContext(of), of))
    },
  }
}

/** Whom a node names; what comes of expressions may name nobody there could be. */
const readAssignees = (field: string, named: Json): Assignees | null => {
  if (named === null) return null
  const { success, data } = assignees.safeParse(named)
  if (!success) throw new Fault('invalid', `“${field}” names neither a role nor people by their id.`)
  return isOpenToAll(data) ? null : data
}
