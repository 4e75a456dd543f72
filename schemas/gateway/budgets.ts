import { z } from 'zod'
import { eventType } from '../audit.ts'
import { zoneNamed } from '../automation/schedule.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { alias } from './routes.ts'

/** What is counted: US dollars, tokens read and written, or requests. */
export const units = ['usd', 'tokens', 'requests'] as const
export const unit = z.enum(units)
export type Unit = z.infer<typeof unit>

/** How long a limit is for. Requests `at_once` are those that are under way. */
export const pers = ['at_once', 'minute', 'hour', 'day', 'week', 'month', 'ever'] as const
export const per = z.enum(pers)
export type Per = z.infer<typeof per>

export const subjectKinds = ['tenant', 'user', 'key', 'model', 'tag'] as const
export type SubjectKind = (typeof subjectKinds)[number]

export const subject = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('tenant') }),
    z.object({ kind: z.literal('user'), user: id('user') }),
    z.object({ kind: z.literal('key'), key: id('virtualKey') }),
    z.object({ kind: z.literal('model'), model: alias }),
    z.object({
      kind: z.literal('tag'),
      tag: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'is a name of at most 40 small letters, digits, _ and -'),
      value: z.string().max(120),
    }),
  ])
  .meta({
    description:
      'Whose requests it counts: all of the tenant, those of a person, by the keys that they made or by none, of one key, for a model by the name that is asked for or that answers, or under a tag.',
    example: { kind: 'tag', tag: 'store', value: 'north' },
  })
export type Subject = z.infer<typeof subject>

/** Billionths of a dollar, as costs of requests are kept; tokens and requests are whole. */
export const amountOf = (of: Unit, value: number): number => (of === 'usd' ? Math.round(value * 1e9) : value)
export const valueOf = (of: Unit, amount: number): number => (of === 'usd' ? amount / 1e9 : amount)

const name = z.string().trim().min(1).max(120).meta({ example: 'Northside service desk' })
const amount = z
  .number()
  .min(0)
  .max(5_000_000_000_000)
  .meta({ description: 'In the unit of the budget; US dollars to the millionth.', example: 25 })
const limits = z
  .array(z.object({ per, limit: amount }))
  .min(1, 'say at least one')
  .max(pers.length)
  .refine((all) => new Set(all.map((one) => one.per)).size === all.length, 'says the same window twice')
  .meta({ example: [{ per: 'day', limit: 5 }] })
export type Limits = z.infer<typeof limits>

/** The most that a limit in dollars may be: so many billionths are still counted exactly. */
const mostUsd = 5_000_000

/** What is wrong with limits in a unit: where, and why. */
export const wrongLimits = (of: Unit, given: Limits): { path: (string | number)[]; message: string }[] =>
  given.flatMap(({ per: window, limit }, n) => {
    const wrong = (field: string, message: string) => [{ path: ['limits', n, field], message }]
    if (window === 'at_once' && of !== 'requests') return wrong('per', 'only requests are counted at once')
    if (of !== 'usd') return Number.isInteger(limit) ? [] : wrong('limit', 'is a whole number')
    if (limit > mostUsd) return wrong('limit', `is ${mostUsd} at the most`)
    return Math.abs(limit * 1e6 - Math.round(limit * 1e6)) > 1e-3 ? wrong('limit', 'has six decimals at the most') : []
  })

const windowState = z.object({
  per,
  limit: z.number(),
  spent: z.number().meta({ description: 'What requests that are over came to.' }),
  leased: z.number().meta({
    description:
      'What processes of the gateway hold for requests that are under way or soon to come. What is not needed comes back.',
  }),
  left: z.number().meta({ description: 'What nobody holds yet.' }),
  beganAt: timestamp.nullable(),
  anewAt: timestamp.nullable().meta({ description: 'When it begins anew; null for what never does.' }),
})
export type WindowState = z.infer<typeof windowState>

export const budget = z.object({
  id: id('budget'),
  name: z.string(),
  subject,
  unit,
  zone: z.string().meta({ description: 'Days and longer begin at its midnight.', example: 'America/Chicago' }),
  windows: z.array(windowState),
  createdAt: timestamp,
  changedAt: timestamp,
})
export type Budget = z.infer<typeof budget>

const course = z.object({
  per,
  beganAt: timestamp,
  anewAt: timestamp.nullable(),
  points: z.array(
    z.object({
      at: timestamp,
      spent: z.number().meta({ description: 'From the beginning of the window up to then.' }),
    }),
  ),
})
export type Course = z.infer<typeof course>

const zone = z
  .string()
  .max(64)
  .refine((given) => zoneNamed(given) !== null, 'is not a time zone')
  .default('UTC')

export const budgetRoutes = {
  'GET /v1/gateway/budgets': {
    summary: 'List the budgets and limits, newest first, each with what is spent, leased and left',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(budget),
  },
  'POST /v1/gateway/budgets': {
    summary: 'Set a budget: what may be spent, in dollars, tokens or requests, and in which time',
    scope: 'gateway:write',
    body: z.object({ name, subject, unit, limits, zone }).superRefine(({ unit: of, limits: given }, ctx) => {
      for (const issue of wrongLimits(of, given)) ctx.addIssue({ code: 'custom', ...issue })
    }),
    reply: budget,
    status: 201,
    creates: true,
  },
  'GET /v1/gateway/budgets/:budget': {
    summary: 'A budget, with the course of its windows so far',
    scope: 'gateway:read',
    reply: budget.extend({ courses: z.array(course) }),
  },
  'PATCH /v1/gateway/budgets/:budget': {
    summary: 'Rename a budget, or change its limits; what was spent stays spent',
    scope: 'gateway:write',
    body: z.object({ name: name.optional(), limits: limits.optional() }),
    reply: budget,
  },
  'DELETE /v1/gateway/budgets/:budget': {
    summary: 'Delete a budget: nothing is held back by it any more. Answers how it stood',
    scope: 'gateway:write',
    reply: budget,
  },
} as const satisfies Record<string, Route>

const facts = z.object({ name: z.string(), subject, unit, limits })
export const budgetSet = eventType('budget_set', 1, facts)
export const budgetChanged = eventType('budget_changed', 1, facts)
export const budgetDeleted = eventType('budget_deleted', 1, facts)
