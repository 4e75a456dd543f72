import { z } from 'zod'
import type { Route } from './http.ts'

/** The pretend systems, each with its own switches. */
export const System = z.enum(['crm', 'dms', 'mail', 'sms', 'model'])
export type System = z.output<typeof System>

/**
 * What is wrong with a system on purpose. `outage` answers 503 (`unavailable`) or cuts the connection (`cut`);
 * `errorRate` is the share of requests that fail: with fault `before` they do nothing and answer 500, with
 * `after` they are carried out and the connection is cut before the answer.
 */
export const Switches = z.object({
  latencyMs: z.int().min(0).max(60_000),
  errorRate: z.number().min(0).max(1),
  fault: z.enum(['before', 'after']),
  outage: z.enum(['none', 'unavailable', 'cut']),
  /** Requests per ten seconds; only the CRM has such a limit. */
  rateLimit: z.int().min(1).max(1_000_000),
  /** How long an access token lives; only the DMS gives tokens. */
  tokenSeconds: z.int().min(1).max(86_400),
})
export type Switches = z.output<typeof Switches>

export const SwitchesPatch = Switches.partial()
export type SwitchesPatch = z.output<typeof SwitchesPatch>

/** Where leads are sent: a Standard Webhooks receiver and its symmetric secret (`whsec_` and base64). */
export const Hook = z.object({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'is not a whsec_ secret'),
})
export type Hook = z.output<typeof Hook>

export const Trickle = z.object({
  on: z.boolean(),
  everySeconds: z.number().min(0.05).max(86_400),
  hook: Hook.optional(),
})
export type Trickle = z.output<typeof Trickle>

/** A hook of null takes away the one that was set: then no leads can be sent. */
export const TricklePatch = z.object({
  on: z.boolean().optional(),
  everySeconds: Trickle.shape.everySeconds.optional(),
  hook: Hook.nullable().optional(),
})
export type TricklePatch = z.output<typeof TricklePatch>

/**
 * The demo colleague, who decides on replies to the trickle's leads through the API. The newest `leaves` of them are
 * left to the visitor, and so is every lead that came another way. A reply is open for about `afterSeconds` before.
 */
export const Colleague = z.object({
  on: z.boolean(),
  leaves: z.int().min(0).max(100),
  afterSeconds: z.number().min(0).max(86_400),
  /** As whom, and where: an API key that may decide. */
  api: z.object({ name: z.string().min(1), url: z.url({ protocol: /^https?$/ }), key: z.string().min(1) }).optional(),
})
export type Colleague = z.output<typeof Colleague>

export const ColleaguePatch = z.object({
  on: z.boolean().optional(),
  leaves: Colleague.shape.leaves.optional(),
  afterSeconds: Colleague.shape.afterSeconds.optional(),
  /** Null lets the colleague go. */
  api: Colleague.shape.api.nullable(),
})
export type ColleaguePatch = z.output<typeof ColleaguePatch>

/** What a made-up lead is about; the last ones make the model or the mail system misbehave. */
export const Scenario = z.enum([
  'buy',
  'trade_in',
  'test_drive',
  'finance',
  'service',
  'other',
  'model_broken_json',
  'model_never_json',
  'model_slow',
  'model_error',
  'mail_refused',
])
export type Scenario = z.output<typeof Scenario>

export const SendLeads = z.object({
  count: z.int().min(1).max(1000).default(1),
  scenario: Scenario.optional(),
  format: z.enum(['xml', 'json']).default('xml'),
  hook: Hook.optional(),
  /** They count as the trickle's: the demo colleague may answer them. */
  trickle: z.boolean().default(false),
})
export type SendLeads = z.output<typeof SendLeads>

/** One delivery of a lead: what the receiver answered (`status` null: nothing). It is tried again until 2xx. */
export const Delivery = z.object({
  lead: z.string(),
  webhookId: z.string(),
  status: z.int().nullable(),
  answer: z.string().nullable(),
  delivered: z.boolean(),
})
export type Delivery = z.output<typeof Delivery>

export const Deliveries = z.object({ deliveries: z.array(Delivery) })
export type Deliveries = z.output<typeof Deliveries>

/** Counted since the process started: requests of the system, and how many were answered 5xx or not at all. */
export const SystemState = z.object({ switches: Switches, requests: z.int(), errors: z.int() })
export type SystemState = z.output<typeof SystemState>

/** The trickle as told to others: the secret stays inside. */
export const TrickleState = z.object({
  on: z.boolean(),
  everySeconds: z.number(),
  url: z.string().nullable(),
  made: z.int(),
  waiting: z.int(),
  delivered: z.int(),
})
export type TrickleState = z.output<typeof TrickleState>

/** The demo colleague as told to others: the key stays inside. */
export const ColleagueState = z.object({
  on: z.boolean(),
  leaves: z.int(),
  name: z.string().nullable().meta({ description: 'Null where there is no such colleague.' }),
  approved: z.int(),
  rejected: z.int(),
  trouble: z.string().nullable().meta({ description: 'Why nothing could be decided just now.' }),
})
export type ColleagueState = z.output<typeof ColleagueState>

export const ControlState = z.object({
  instance: z.string(),
  systems: z.record(System, SystemState),
  trickle: TrickleState,
  colleague: ColleagueState,
})
export type ControlState = z.output<typeof ControlState>

export const Mail = z.object({
  id: z.string(),
  lead: z.string().nullable(),
  from: z.string(),
  to: z.array(z.string()),
  subject: z.string(),
  text: z.string().nullable(),
  html: z.string().nullable(),
  createdAt: z.string(),
})
export type Mail = z.output<typeof Mail>

export const Mails = z.object({ mails: z.array(Mail) })
export type Mails = z.output<typeof Mails>

const CrmEntry = z.object({ id: z.string(), lead: z.string(), properties: z.record(z.string(), z.string()) })

const TextMessage = z.object({ id: z.string(), to: z.string(), text: z.string(), createdAt: z.string() })
export type TextMessage = z.output<typeof TextMessage>

const Appointment = z.object({ id: z.string(), reference: z.string().nullable(), status: z.string(), at: z.string() })

/** What the systems hold that came from leads: the measure of "each lead once". */
export const Truth = z.object({
  contacts: z.array(CrmEntry),
  deals: z.array(CrmEntry),
  notes: z.array(CrmEntry),
  tasks: z.array(CrmEntry),
  mails: z.array(Mail),
  /** All of them: their wire says nothing of leads. */
  texts: z.array(TextMessage),
  appointments: z.array(Appointment),
})
export type Truth = z.output<typeof Truth>

const awayProblems = ['sandbox_off', 'connector_unavailable', 'connector_refused'] as const

export const sandboxRoutes = {
  'GET /v1/sandbox': {
    summary: 'The pretend systems: their switches and counts, the trickle of leads and the demo colleague',
    scope: 'sandbox:read',
    problems: awayProblems,
    reply: ControlState,
  },
  'PATCH /v1/sandbox/systems/:system': {
    summary: 'Make a pretend system slow, faulty or absent',
    scope: 'sandbox:write',
    problems: awayProblems,
    body: SwitchesPatch,
    reply: ControlState,
  },
  'PUT /v1/sandbox/trickle': {
    summary: 'Turn the trickle of leads on or off, or change its pace',
    scope: 'sandbox:write',
    problems: awayProblems,
    body: TricklePatch.omit({ hook: true }),
    reply: TrickleState,
  },
  'PUT /v1/sandbox/colleague': {
    summary: 'Let the demo colleague decide on older replies, or stop it',
    scope: 'sandbox:write',
    problems: awayProblems,
    body: ColleaguePatch.omit({ api: true }),
    reply: ColleagueState,
  },
  'POST /v1/sandbox/leads': {
    summary: 'Send made-up leads to the webhook now',
    scope: 'sandbox:write',
    problems: awayProblems,
    body: SendLeads.omit({ hook: true, trickle: true }),
    reply: Deliveries,
  },
  'GET /v1/sandbox/mails': {
    summary: 'The mails that were sent, newest first',
    scope: 'sandbox:read',
    problems: awayProblems,
    reply: Mails,
  },
} as const satisfies Record<string, Route>
