import { z } from 'zod'
import { hasZone, momentMs } from '../automation/moment.ts'
import { actionShapes } from './actions.ts'

/**
 * The document by which a tenant governs which model answers which request. Rules are looked at from the most specific
 * scope to the widest (`levels`), within a level as they are written. `decide` decides, and the first rule that holds wins;
 * `also` adds up, of every rule that holds.
 */

/** The largest document, in bytes of UTF-8, in lines and in rules. */
export const mostBytes = 512_000
export const mostLines = 20_000
export const mostRules = 2000
/** The longest expression, in characters. */
export const longestCondition = 2000

const name = z.string().min(1, 'must not be empty').max(200, 'has at most 200 characters')
const text = z.string().max(2000, 'has at most 2000 characters')

const names = (what: string) =>
  z
    .array(name)
    .min(1, 'names at least one, or is left out')
    .max(500, 'has at most 500 entries')
    .meta({ description: what })

export const scopeShape = z
  .strictObject({
    keys: names('Virtual keys, by name or id.').optional(),
    users: names('People, by e-mail or id.').optional(),
    teams: names('Teams, by name or id.').optional(),
    tags: names('Tags of the request or of its key.').optional(),
    models: names('Models and aliases that are asked for; a * at the end stands for any ending.').optional(),
  })
  .meta({ description: 'Whom a rule is for: one of each list that is given. Left out, it is for everybody.' })

const moment = z
  .string()
  .refine((said) => /^\d{4}-\d\d-\d\d/.test(said) && momentMs(said) !== null, 'is no time like 2027-01-31')
  .refine(hasZone, 'does not say its zone; write it like 2027-01-31T08:00+01:00')

export const ruleShape = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is made of small letters, digits, - and _ (at most 64)')
      .meta({ description: 'What logs, traces and differences call the rule by.', examples: ['budget-nearly-gone'] }),
    description: text.meta({ description: 'Why there is this rule.' }).optional(),
    enabled: z.boolean().meta({ description: 'A rule that is off counts as absent.', default: true }).optional(),
    enforced: z
      .boolean()
      .meta({ description: 'Looked at before all rules that are not, whatever their scope.', default: false })
      .optional(),
    from: moment.meta({ description: 'Holds from this time on; a day begins by UTC.' }).optional(),
    until: moment.meta({ description: 'Holds until before this time.' }).optional(),
    for: scopeShape.optional(),
    when: z
      .string()
      .min(1, 'must not be empty')
      .max(longestCondition, `has at most ${longestCondition} characters`)
      .meta({
        description: 'A condition in CEL; left out, the rule always holds.',
        examples: ['prompt.tokens < 500 && !request.tools.exists(t, t == "search")'],
      })
      .optional(),
    also: actionShapes.also.optional(),
    decide: actionShapes.decide.optional(),
  })
  .meta({ title: 'Rule' })

export const documentShape = z
  .strictObject({
    name,
    description: text.optional(),
    rules: z.array(ruleShape).max(mostRules, `has at most ${mostRules} entries`),
  })
  .meta({ title: 'Steering', description: 'Which model answers which request.' })

export type SteeringDocument = z.infer<typeof documentShape>
export type Rule = SteeringDocument['rules'][number]
export type Scope = z.infer<typeof scopeShape>

/** The levels of specificity, first to last: a rule has the first of those that its scope names. */
export const levels = ['enforced', 'keys', 'users', 'teams', 'tags', 'models', 'tenant'] as const
export type Level = (typeof levels)[number]

export const levelOf = (rule: Pick<Rule, 'enforced' | 'for'>): Level =>
  rule.enforced === true
    ? 'enforced'
    : (levels.find((level) => level in scopeShape.shape && rule.for?.[level as keyof Scope] !== undefined) ?? 'tenant')

/** The JSON Schema (2020-12) of the document, for editors that complete what is typed. */
export const steeringSchema = () => z.toJSONSchema(documentShape, { target: 'draft-2020-12', io: 'input' })
