import { z } from 'zod'
import { durationMs } from '../automation/duration.ts'

const name = z.string().min(1, 'must not be empty').max(200, 'has at most 200 characters')
const weight = z.number().min(0, 'is at least 0').max(1_000_000, 'is at most 1000000')

export const targetShape = z
  .strictObject({ provider: name, model: name, weight: weight.optional() })
  .meta({ title: 'Target', description: 'A model of a provider; its weight is 1 unless it says so.' })
export type Target = z.infer<typeof targetShape>

/** How a refusal is answered: by a word, for which callers see this HTTP status. */
export const denials = {
  forbidden: 403,
  over_budget: 402,
  not_found: 404,
  bad_request: 400,
  too_many_requests: 429,
  unavailable: 503,
} as const
export type Denial = keyof typeof denials

const decide = z
  .strictObject({
    route: z
      .union([name, z.array(targetShape).min(1, 'names at least one target').max(50, 'has at most 50 entries')])
      .meta({ description: 'Serves it by this route alias, or by one of these targets.' })
      .optional(),
    downgrade: name
      .meta({ description: 'As route, to a cheaper alias; the ledger books what it saves to this rule.' })
      .optional(),
    keep: z.literal(true, 'can only be true').meta({ description: 'Serves what was asked for.' }).optional(),
    deny: z
      .strictObject({
        reason: z
          .string()
          .min(1, 'must not be empty')
          .max(500, 'has at most 500 characters')
          .meta({ description: 'What the caller is told.' }),
        status: z
          .enum(Object.keys(denials) as [Denial, ...Denial[]])
          .meta({ default: 'forbidden' })
          .optional(),
      })
      .meta({ description: 'Refuses it.' })
      .optional(),
  })
  .meta({ description: 'Decides: exactly one of these. The first rule that holds wins.' })

const calculated = z.strictObject({ cel: z.string().min(1, 'must not be empty').max(2000) })
const orCalculated = <T extends z.ZodType>(literal: T) => z.union([literal, calculated])

/** The parameters that a rule may rewrite, by what they take. */
export const parameters = {
  temperature: z.number().min(0, 'is at least 0').max(2, 'is at most 2'),
  topP: z.number().min(0, 'is at least 0').max(1, 'is at most 1'),
  maxTokens: z.int('has to be a whole number').min(1, 'is at least 1').max(10_000_000, 'is at most 10000000'),
  effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']),
  verbosity: z.enum(['low', 'medium', 'high']),
  serviceTier: z.enum(['auto', 'default', 'flex', 'priority']),
  seed: z.int('has to be a whole number'),
  parallelTools: z.boolean(),
  trim: z.boolean(),
} as const
export type Parameter = keyof typeof parameters

const set = z
  .strictObject({
    temperature: orCalculated(parameters.temperature).optional(),
    topP: orCalculated(parameters.topP).optional(),
    maxTokens: orCalculated(parameters.maxTokens).optional(),
    effort: orCalculated(parameters.effort).optional(),
    verbosity: orCalculated(parameters.verbosity).optional(),
    serviceTier: orCalculated(parameters.serviceTier).optional(),
    seed: orCalculated(parameters.seed).optional(),
    parallelTools: orCalculated(parameters.parallelTools).optional(),
    trim: orCalculated(parameters.trim)
      .meta({ description: 'Whether long passages are left out that an earlier message has word for word.' })
      .optional(),
  })
  .meta({ description: 'Rewrites parameters; of each the first rule that holds wins.' })

export const capabilities = ['vision', 'audio', 'files', 'tools', 'structured', 'reasoning', 'streaming'] as const
export type Capability = (typeof capabilities)[number]

const required = z
  .strictObject({
    capabilities: z.array(z.enum(capabilities)).min(1, 'names at least one, or is left out').optional(),
    context: z
      .int('has to be a whole number')
      .min(1, 'is at least 1')
      .meta({ description: 'Tokens that fit at least.' })
      .optional(),
    regions: z
      .array(name)
      .min(1, 'names at least one, or is left out')
      .max(50, 'has at most 50 entries')
      .meta({ description: 'It is served in one of these. Of several rules, in one that all of them name.' })
      .optional(),
  })
  .meta({ description: 'What the model that serves it must have; all rules that hold count.' })

export const cacheModes = ['off', 'exact', 'semantic'] as const
const lifetime = z
  .union([z.string(), z.number()])
  .refine((said) => (durationMs(said) ?? 0) > 0, 'is no length of time like 1h')
const cache = z
  .union([
    z.enum(cacheModes),
    z.strictObject({
      mode: z.enum(cacheModes),
      ttl: lifetime.optional(),
      similarity: z.number().min(0.5, 'is at least 0.5').max(1, 'is at most 1').optional(),
    }),
  ])
  .meta({ description: 'Whether answers are kept and given again; the first rule that holds wins.' })

export const guardings = ['flag', 'mask', 'block'] as const
export type Guarding = (typeof guardings)[number]

const also = z
  .strictObject({
    tag: z
      .array(z.string().regex(/^[\w][\w.:=/-]{0,63}$/, 'is made of letters, digits and _.:=/- (at most 64)'))
      .min(1, 'names at least one, or is left out')
      .max(50, 'has at most 50 entries')
      .meta({ description: 'Tags of the request, for costs and logs.' })
      .optional(),
    guardrail: z
      .record(name, z.enum(guardings))
      .meta({ description: 'Guardrails by name; where several rules name one, the strictest counts.' })
      .optional(),
    require: required.optional(),
    set: set.optional(),
    weights: z
      .record(name, weight)
      .meta({
        description:
          'Weights of targets of the route that serves it, by provider or provider/model; the first rule wins.',
      })
      .optional(),
    cache: cache.optional(),
  })
  .meta({ description: 'Adds up: of every rule that holds.' })

export const actionShapes = { decide, also }
export type Decide = z.infer<typeof decide>
export type Also = z.infer<typeof also>
