import { z } from 'zod'
import { eventType } from '../../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from '../../http.ts'
import { id } from '../../ids.ts'
import { guardings } from '../../steering/actions.ts'
import { type GuardKindName, guardKindNames, sides } from './kind.ts'
import { guardKinds } from './kinds.ts'

export const guardrailName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'is made of small letters, digits and -, and begins with a letter')
  .meta({ description: 'What rules and routes call it.', example: 'customer-data' })

const act = z.enum(guardings).meta({
  description:
    '`flag`: it goes on and is written down; `mask`: what can be mended is mended, and refused where it cannot; `block`: it is refused.',
})

/** Guardrails by name, and how each acts. */
export const guardrailActs = z
  .record(guardrailName, act)
  .refine((named) => Object.keys(named).length <= 20, 'names 20 at the most')
  .meta({
    description: 'Guardrails that look at what comes on this route, besides those that look at everything.',
    example: { 'customer-data': 'mask' },
  })

const everywhere = act.nullable().meta({
  description: 'How it acts on all that is asked at the tenant; null where only routes and rules call for it.',
  example: 'mask',
})
const look = z
  .array(z.enum(sides))
  .min(1, 'names at least one')
  .max(2)
  .refine((all) => new Set(all).size === all.length, 'names one twice')
  .meta({ description: 'Which way it looks: at what is asked, at what is answered, or both.', example: ['input'] })

const givenAs = (kind: GuardKindName) => z.object({ kind: z.literal(kind), options: guardKinds[kind].options })
const [firstKind, ...otherKinds] = guardKindNames
/** A kind with the options of that kind. */
const ofKind = z
  .discriminatedUnion('kind', [givenAs(firstKind), ...otherKinds.map(givenAs)])
  .meta({ example: { kind: 'pii', options: { kinds: ['email', 'card'] } } })

const count = z.number().int()
const tally = z.object({
  looked: count.meta({ description: 'Requests that it looked at.' }),
  flagged: count,
  masked: count,
  blocked: count,
  matches: count.meta({ description: 'What it found in them.' }),
})
export type Tally = z.infer<typeof tally>

export const guardrail = z.object({
  id: id('guardrail'),
  name: guardrailName,
  kind: z.enum(guardKindNames),
  options: z.record(z.string(), z.unknown()),
  sides: look,
  everywhere,
  routes: z.array(z.string()).meta({ description: 'The routes that call for it.' }),
  lately: tally.meta({ description: 'What it did in the last 24 hours.' }),
  createdAt: timestamp,
  changedAt: timestamp,
})
export type Guardrail = z.infer<typeof guardrail>

/** What a guardrail has seen of one request: kinds and counts, never what it found. */
export const guarded = z.object({
  guardrail: id('guardrail'),
  name: z.string(),
  kind: z.enum(guardKindNames),
  act,
  did: z.enum(['passed', 'flagged', 'masked', 'blocked']),
  input: z
    .record(z.string(), count)
    .meta({ description: 'What was found in what is asked, by kind.', example: { email: 2 } }),
  output: z.record(z.string(), count).meta({ description: 'The same of the answer.' }),
  why: z.array(z.string()),
})
export type Guarded = z.infer<typeof guarded>

const tried = z.object({
  found: z
    .array(z.object({ what: z.string(), start: count, end: count }))
    .meta({ description: 'In UTF-16 units of the text.' }),
  masked: z.string().nullable().meta({ description: 'How the model gets to see it; null where nothing is masked.' }),
  back: z.string().nullable().meta({ description: 'How the caller gets it back where the model repeats it.' }),
  score: z.number().nullable(),
  why: z.array(z.string()),
  holds: z.boolean().meta({ description: 'Whether there is anything to flag, mask or block.' }),
})
export type Tried = z.infer<typeof tried>

const kindFacts = z.object({
  kind: z.enum(guardKindNames),
  title: z.string(),
  about: z.string(),
  mends: z.string().meta({ description: 'What `mask` does.' }),
  sides: z.array(z.enum(sides)),
})

export const guardrailRoutes = {
  'GET /v1/gateway/guardrail-kinds': {
    summary: 'The kinds of guardrails that there are',
    scope: 'gateway:read',
    reply: z.object({ items: z.array(kindFacts) }),
  },
  'GET /v1/gateway/guardrails': {
    summary: 'List the guardrails, newest first, each with what it did lately',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(guardrail),
  },
  'POST /v1/gateway/guardrails': {
    summary: 'Add a guardrail: what is looked for in what is asked and answered',
    scope: 'gateway:write',
    body: z
      .object({ name: guardrailName, sides: look.optional(), everywhere: everywhere.default(null) })
      .and(ofKind)
      .meta({
        example: {
          name: 'customer-data',
          kind: 'pii',
          options: { kinds: ['email', 'phone', 'card'] },
          sides: ['input'],
          everywhere: 'mask',
        },
      }),
    reply: guardrail,
    status: 201,
    creates: true,
    problems: ['already_exists'],
  },
  'POST /v1/gateway/guardrails/try': {
    summary: 'Try a guardrail on a text: what it finds, and how the model would see it. Nothing is kept',
    scope: 'gateway:read',
    body: z
      .object({ text: z.string().max(100_000).meta({ example: 'Write to bob@example.com.' }) })
      .and(ofKind)
      .meta({ example: { kind: 'pii', options: { kinds: ['email'] }, text: 'Write to bob@example.com.' } }),
    reply: tried,
  },
  'GET /v1/gateway/guardrails/:guardrail': {
    summary: 'A guardrail, with what it did in each hour of the last day',
    scope: 'gateway:read',
    reply: guardrail.extend({ course: z.array(tally.extend({ at: timestamp })) }),
  },
  'PATCH /v1/gateway/guardrails/:guardrail': {
    summary: 'Change what a guardrail looks for, which way, or how it acts on everything',
    scope: 'gateway:write',
    body: z.object({
      options: z
        .record(z.string(), z.unknown())
        .optional()
        .meta({ description: 'All of them, as its kind takes them.', example: { kinds: ['email', 'card'] } }),
      sides: look.optional(),
      everywhere: everywhere.optional(),
    }),
    reply: guardrail,
  },
  'DELETE /v1/gateway/guardrails/:guardrail': {
    summary: 'Delete a guardrail that no route and no rule in force calls for',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
    problems: ['guardrail_in_use'],
  },
} as const satisfies Record<string, Route>

// options may name people, and stay out of the log
const facts = guardrail.pick({ name: true, kind: true, sides: true, everywhere: true })
export const guardrailAdded = eventType('guardrail_added', 1, facts)
export const guardrailChanged = eventType('guardrail_changed', 1, facts)
export const guardrailDeleted = eventType('guardrail_deleted', 1, facts.pick({ name: true, kind: true }))
