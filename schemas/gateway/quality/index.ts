import { z } from 'zod'
import { eventType } from '../../audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../../http.ts'
import { id } from '../../ids.ts'
import { says, verdictNames } from './judging.ts'

/** `routed`: a rule sent it to a cheaper model; `kept`: the same rules left it at the one that was asked for. */
export const arms = ['routed', 'kept'] as const
export type Arm = (typeof arms)[number]
export const sampleStates = ['waiting', 'judged', 'unread', 'failed', 'skipped'] as const
export type SampleState = (typeof sampleStates)[number]
/** `tell`: an event, and the page says so; `withdraw`: the rule does not hold any more until somebody puts it back. */
export const belowActions = ['tell', 'withdraw'] as const
export type BelowAction = (typeof belowActions)[number]

/** The tag of all that the guard asks. */
export const qualityTag = 'quality-guard'

export const qualitySettings = z.object({
  on: z.boolean(),
  share: z.number().min(0.001).max(0.1).meta({
    description:
      'Which share of requests is looked at, of those that rules sent to a cheaper model or could have sent.',
    example: 0.01,
  }),
  judge: z.string().min(1).max(200).nullable().meta({
    description: 'The route whose model compares the answers. It should be neither of those that are compared.',
    example: 'judge',
  }),
  bound: z.number().min(0.5).max(0.999).meta({
    description: 'In which share of requests the cheaper answer has to be at least as good.',
    example: 0.98,
  }),
  below: z.enum(belowActions).meta({
    description:
      'What happens to a rule of which it is sure enough that it keeps less: it is told, or taken out of force until somebody puts it back.',
  }),
  dailyUsd: z.number().min(0).max(100_000).meta({
    description: 'What the guard may spend in a day (UTC), in US dollars. What is sampled beyond that is let go.',
    example: 5,
  }),
})
export type QualitySettings = z.infer<typeof qualitySettings>

export const usualQuality: QualitySettings = Object.freeze({
  on: false,
  share: 0.01,
  judge: null,
  bound: 0.98,
  below: 'tell',
  dailyUsd: 5,
})

const ruleOf = { policy: id('policy'), rule: z.string().min(1).max(64).meta({ example: 'easy' }) }
const guard = qualitySettings.extend({
  changedAt: timestamp.nullable().meta({ description: 'Null while nothing was ever changed.' }),
  spentToday: z.number().meta({ description: 'What it has spent today (UTC), in US dollars.' }),
  prompt: z.string().meta({ description: 'What the judge is told.' }),
  warnings: z.array(z.string()).meta({ description: 'What speaks against its verdicts, each in a sentence.' }),
})
export type QualityGuard = z.infer<typeof guard>

const count = (description: string) => z.number().int().meta({ description })
const share = z.number().min(0).max(1)
const interval = z
  .object({ value: share, low: share, high: share })
  .meta({ description: 'A share, with the two ends of its interval of 95 % (Wilson).' })
export type QualityInterval = z.infer<typeof interval>

const scored = z.object({
  n: count('Verdicts that could be read.'),
  wins: count('The cheaper answer was better.'),
  ties: count('They were as good, or the judge said otherwise in the other order.'),
  losses: count('The cheaper answer was worse.'),
  flipped: count('Of the ties, those where the verdict turned with the order.'),
  unread: count('What the judge said could not be read; no verdict.'),
  failed: count('Somebody did not answer; no verdict.'),
  skipped: count('Let go: the bound of the day was reached, the guard was turned off, or it came too late.'),
  waiting: count('Still to be judged.'),
  kept: interval.nullable().meta({ description: 'The share where the cheaper answer was at least as good.' }),
  net: z.number().nullable().meta({ description: 'Wins less losses, of all verdicts.' }),
})
export type QualityScored = z.infer<typeof scored>

const both = { routed: scored, kept: scored, byChance: interval.nullable() }
const figures = z.object({
  ...both,
  byChance: interval.nullable().meta({
    description:
      'What would be kept if as many requests went to the cheaper model by chance; null while the verdicts of an arm are missing.',
  }),
  pairs: z.array(
    z.object({
      ...ruleOf,
      name: z.string().nullable().meta({ description: 'Of the policy; null once it is gone.' }),
      strong: z.string().meta({ example: 'openai/gpt-5' }),
      cheap: z.string().meta({ example: 'openai/gpt-5-mini' }),
      ...both,
    }),
  ),
  points: z
    .array(
      z.object({
        day: z.iso.date().meta({ example: '2026-11-23' }),
        n: count('Verdicts of the routed arm until then, in this time.'),
        kept: interval.nullable(),
        byChance: interval.nullable(),
      }),
    )
    .meta({
      description: 'By day (UTC), oldest first: what all verdicts of this time until the end of the day come to.',
    }),
  rules: z
    .array(
      z.object({
        ...ruleOf,
        name: z.string().nullable(),
        fellAt: timestamp.meta({ description: 'Since when it is below the bound.' }),
        withdrawnAt: timestamp
          .nullable()
          .meta({ description: 'Since when it is out of force; null where it was only told.' }),
      }),
    )
    .meta({ description: 'Rules that keep less than the bound.' }),
})
export type QualityFigures = z.infer<typeof figures>

const sample = z.object({
  modelRequest: id('modelRequest').meta({ description: 'The request that was sampled.' }),
  at: timestamp,
  arm: z.enum(arms),
  ...ruleOf,
  asked: z.string().meta({ description: 'The name that was asked for.', example: 'fast' }),
  strong: z.string(),
  cheap: z.string(),
  state: z.enum(sampleStates),
  why: z.string().nullable().meta({ description: 'Why there is no verdict.' }),
  verdict: z.enum(verdictNames).nullable().meta({ description: 'How the cheaper answer did.' }),
  flipped: z.boolean(),
  shadow: id('modelRequest').nullable().meta({ description: 'The request to the model that was not used.' }),
  readable: z.boolean().meta({ description: 'Whether what was said is still kept.' }),
  closedAt: timestamp.nullable(),
})
export type QualitySample = z.infer<typeof sample>

const opened = sample.extend({
  question: z.string(),
  strongAnswer: z.string(),
  cheapAnswer: z.string(),
  judged: z
    .array(z.object({ first: z.enum(['strong', 'cheap']), says: z.enum(says), reason: z.string() }))
    .meta({ description: 'What the judge said in each order.' }),
})
export type OpenedSample = z.infer<typeof opened>

export const qualityRoutes = {
  'GET /v1/gateway/quality-guard': {
    summary: 'Whether and how answers of cheaper models are compared with those of the models that were asked for',
    scope: 'gateway:read',
    reply: guard,
  },
  'PUT /v1/gateway/quality-guard': {
    summary: 'Turn the quality guard on or off, and say what it looks at and what it does',
    scope: 'gateway:write',
    body: qualitySettings,
    reply: guard,
  },
  'GET /v1/gateway/quality-guard/figures': {
    summary: 'What quality is kept, beside what chance would keep',
    scope: 'gateway:read',
    query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    reply: figures,
  },
  'POST /v1/gateway/quality-guard/restore': {
    summary: 'Put a rule back that the guard has taken out of force; its verdicts count anew from then on',
    scope: 'gateway:write',
    body: z.strictObject(ruleOf),
    reply: guard,
    problems: ['not_found'],
  },
  'GET /v1/gateway/quality-guard/samples': {
    summary: 'List samples, newest first; what was said is not among it',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(sample),
  },
  'GET /v1/gateway/quality-guard/samples/:modelRequest': {
    summary: 'What a sample asked, both answers, and what the judge said; who reads it stands in the audit log',
    scope: 'bodies:read',
    reply: opened,
  },
} as const satisfies Record<string, Route>

/** What the workflow is told: which samples of a tenant it is to have judged. */
export type QualityRun = { run: string; tenant: string }

const fall = z.object({
  policy: z.string(),
  rule: z.string(),
  kept: share,
  high: share,
  n: z.number().int(),
  bound: share,
})
export const qualityGuardChanged = eventType('quality_guard_changed', 1, qualitySettings)
export const qualityDropped = eventType('quality_dropped', 1, fall)
export const qualityRecovered = eventType('quality_recovered', 1, fall)
export const ruleWithdrawn = eventType('quality_rule_withdrawn', 1, fall)
export const ruleRestored = eventType('quality_rule_restored', 1, z.object({ policy: z.string(), rule: z.string() }))
export const qualitySampleOpened = eventType('quality_sample_opened', 1, z.object({}))
