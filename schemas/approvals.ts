import { z } from 'zod'
import { role } from './access.ts'
import { eventType } from './audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from './http.ts'
import { id } from './ids.ts'

export const approvalStates = ['open', 'approved', 'rejected', 'withdrawn', 'expired'] as const
export const approvalState = z.enum(approvalStates)
export type ApprovalState = z.infer<typeof approvalState>
export const decision = z.enum(['approve', 'reject'])
export type Decision = z.infer<typeof decision>

/** How many one approval may ask by name. */
export const mostPeople = 50

/** Who is asked: everybody with a role, or people by their id. */
export const assignees = z.object({ role: role.optional(), people: z.array(id('user')).max(mostPeople).optional() })
export type Assignees = z.infer<typeof assignees>

/** Somebody who was to be told by mail and could not be. */
export const unreached = z.object({ name: z.string(), why: z.string(), at: timestamp })
export type Unreached = z.infer<typeof unreached>

export const approval = z.object({
  id: z.string(),
  approval: id('approval'),
  run: id('run'),
  step: z.string().meta({ description: 'The step of the run that asks.', example: 'approve#0' }),
  title: z.string(),
  state: approvalState,
  text: z.string().meta({ description: 'The proposed text; after the decision, the text that was decided on.' }),
  context: z
    .record(z.string(), z.unknown())
    .meta({ description: 'What the decider needs to see: the lead, the stock.' }),
  form: z.record(z.string(), z.unknown()).nullable().meta({ description: 'A JSON Schema of what is to be filled in.' }),
  filled: z.record(z.string(), z.unknown()).nullable(),
  assignees: assignees.nullable().meta({ description: 'Who decides; null where everybody may who may decide at all.' }),
  escalateTo: assignees.nullable().meta({ description: 'Who is asked once it is due.' }),
  people: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .meta({ description: 'The names of those whom it is about by id.' }),
  delegable: z.boolean(),
  delegated: z
    .object({ at: timestamp, by: z.object({ id: z.string(), name: z.string() }), note: z.string().nullable() })
    .nullable()
    .meta({ description: 'Who has passed it on last.' }),
  unreached: z
    .array(unreached)
    .meta({ description: 'Whom the last letter about it did not reach, as the mail system said it.' }),
  expires: z.boolean().meta({ description: 'Once due it is closed undecided, and not handed up.' }),
  author: z.string().meta({ description: 'Who wrote the proposal: a model, or the rules.' }),
  sandbox: z.boolean(),
  test: z.boolean().meta({ description: 'A test run asks: nothing that is decided here reaches anybody.' }),
  openedAt: timestamp,
  remindAt: timestamp.nullable(),
  remindedAt: timestamp.nullable(),
  dueAt: timestamp,
  escalatedAt: timestamp.nullable(),
  decidedAt: timestamp.nullable(),
  decidedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  note: z.string().nullable(),
})
export type Approval = z.infer<typeof approval>

/** The most that may be filled in, in characters of JSON: it becomes part of the history of the run. */
const mostValues = 32_000

export const decide = z.object({
  decision,
  text: z.string().trim().min(1).max(8000).optional().meta({ description: 'Send this text in place of the proposal.' }),
  note: z.string().trim().max(1000).optional(),
  values: z
    .record(z.string(), z.unknown())
    .refine((given) => JSON.stringify(given).length <= mostValues, `have more than ${mostValues} characters as JSON`)
    .optional()
    .meta({ description: 'The fields of its form.' }),
})

/** To whom an approval is passed on: to a person, or to everybody with a role. */
export const delegate = z.object({
  to: z.union([z.object({ person: id('user') }), z.object({ role })]),
  note: z.string().trim().max(1000).optional(),
})

export const decider = z.object({ id: id('user'), name: z.string(), role })
export type Decider = z.infer<typeof decider>

export const approvalRoutes = {
  'GET /v1/approvals/deciders': {
    summary: 'The people who may decide on approvals',
    scope: 'approvals:read',
    reply: z.object({ items: z.array(decider) }),
  },
  'GET /v1/approvals': {
    summary: 'List approvals; open ones by due time',
    scope: 'approvals:read',
    query: pageQuery.extend({
      state: approvalState.optional(),
      run: z.string().max(64).optional(),
      asked: z
        .enum(['me', 'anyone'])
        .default('anyone')
        .meta({ description: 'me: those that I am asked, by name, by role, or because nobody is named.' }),
    }),
    reply: pageOf(approval),
  },
  'GET /v1/approvals/:approval': { summary: 'One approval', scope: 'approvals:read', reply: approval },
  'POST /v1/approvals/:approval/decide': {
    summary: 'Approve or reject; of two at once one wins and the other is told who',
    scope: 'approvals:decide',
    body: decide,
    reply: approval,
    problems: ['already_decided', 'run_closed', 'conflict', 'input_invalid', 'not_assigned', 'not_possible'],
  },
  'POST /v1/approvals/:approval/delegate': {
    summary: 'Pass an open approval on to somebody else; of a decision at the same time one wins',
    scope: 'approvals:decide',
    body: delegate,
    reply: approval,
    problems: ['already_decided', 'not_assigned', 'not_delegable'],
  },
} as const satisfies Record<string, Route>

export const approvalOpened = eventType('approval_opened', 1, z.object({ run: z.string(), dueAt: timestamp }))
export const approvalReminded = eventType('approval_reminded', 1, z.object({ run: z.string() }))
export const approvalEscalated = eventType('approval_escalated', 1, z.object({ run: z.string() }))
export const approvalDecided = eventType(
  'approval_decided',
  2,
  z.object({
    run: z.string(),
    decision,
    edited: z.boolean(),
    note: z.string().nullable(),
    /** By an owner who was not asked. */
    overridden: z.boolean(),
  }),
)
export const approvalDelegated = eventType(
  'approval_delegated',
  1,
  z.object({ run: z.string(), from: assignees.nullable(), to: assignees, note: z.string().nullable() }),
)
export const approvalLetterLost = eventType(
  'approval_letter_lost',
  1,
  z.object({ run: z.string(), to: z.string(), code: z.string() }),
)
export const approvalExpired = eventType('approval_expired', 1, z.object({ run: z.string() }))
export const approvalWithdrawn = eventType('approval_withdrawn', 1, z.object({ run: z.string() }))
