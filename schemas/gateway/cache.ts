import { z } from 'zod'
import { eventType } from '../audit.ts'
import { timestamp, type Route } from '../http.ts'
import { cacheModes } from '../steering/actions.ts'
import { similarity, ttl } from './caching.ts'
import { alias } from './routes.ts'

/** For whom an answer is good that another request got: for all of the tenant, for the same user, for the same key. */
export const cacheScopes = ['tenant', 'user', 'key'] as const
export type CacheScope = (typeof cacheScopes)[number]

const mebibyte = 1_048_576

/** How answers are kept and given again, at a tenant. Routes and rules may say otherwise of mode, time and similarity. */
export const cacheSettings = z.object({
  mode: z.enum(cacheModes).meta({
    description:
      '`exact`: a request that was asked before is answered as then. `semantic`: also one whose last question is nearly the same.',
    example: 'exact',
  }),
  ttl,
  scope: z.enum(cacheScopes).meta({
    description: 'Who gets an answer that another got: all of the tenant, or only requests of one user, or of one key.',
    example: 'tenant',
  }),
  sampled: z.boolean().meta({
    description: 'Whether also requests that ask for a temperature above 0 are answered from the cache.',
  }),
  mostBytes: z
    .number()
    .int()
    .min(mebibyte)
    .max(10_240 * mebibyte)
    .meta({ description: 'The most bytes that are kept; the oldest answers go first.', example: 64 * mebibyte }),
  embeddings: alias.nullable().meta({
    description: 'The route that is asked for embeddings of questions; `semantic` needs one.',
    example: null,
  }),
  similarity,
  auditShare: z.number().min(0).max(1).meta({
    description:
      'Of answers to nearly the same question, the share for which the model is asked all the same, to compare.',
    example: 0.02,
  }),
})
export type CacheSettings = z.infer<typeof cacheSettings>

export const usualCache: CacheSettings = {
  mode: 'off',
  ttl: 3600,
  scope: 'tenant',
  sampled: false,
  mostBytes: 64 * mebibyte,
  embeddings: null,
  similarity: 0.95,
  auditShare: 0.02,
}

/** How similar questions are searched for. */
export const howSearched =
  'Questions are compared one by one with the newest 500 of the same context, in the process that answers. That needs no extension of the database, and no vector is stored unsealed.'

const usd = z.number().meta({ description: 'In US dollars.', example: 1.25 })

const responseCache = cacheSettings.extend({
  changedAt: timestamp.nullable().meta({ description: 'Null while nothing was ever changed.' }),
  entries: z.number().int().meta({ description: 'Answers that are kept and still good.', example: 1204 }),
  bytes: z.number().int().meta({ description: 'What they take, sealed.', example: 5_242_880 }),
  search: z.string().meta({ description: 'How similar questions are searched for.', example: howSearched }),
})
export type ResponseCache = z.infer<typeof responseCache>

const count = (description: string) => z.number().int().meta({ description })

const coursePoint = z.object({
  at: timestamp.meta({ description: 'When the hour or the day begins, in UTC.' }),
  exact: count('Answers given again to the very same request.'),
  semantic: count('Answers given again to nearly the same question.'),
  missed: count('Requests that were looked up, and asked.'),
  saved: usd.meta({ description: 'What the answers given again would have cost, at the list price, in US dollars.' }),
  audited: count('Answers to nearly the same question for which the model was asked all the same.'),
  wrong: count('Of those, where it answered otherwise.'),
})
export type CachePoint = z.infer<typeof coursePoint>

export const cacheRoutes = {
  'GET /v1/gateway/cache': {
    summary: 'The response cache: how answers are kept and given again, and how many are',
    scope: 'gateway:read',
    reply: responseCache,
  },
  'PATCH /v1/gateway/cache': {
    summary: 'Turn the response cache on or off, or change how it keeps answers',
    scope: 'gateway:write',
    body: cacheSettings.partial(),
    reply: responseCache,
  },
  'POST /v1/gateway/cache/empty': {
    summary: 'Forget all answers that are kept; requests are asked again',
    scope: 'gateway:write',
    reply: z.object({ entries: count('How many were forgotten.'), bytes: count('What they took.') }),
  },
  'GET /v1/gateway/cache/course': {
    summary: 'How often answers were given again, what that saved, and how often it was wrong',
    scope: 'gateway:read',
    query: z.object({
      days: z.coerce.number().int().min(1).max(90).default(7).meta({
        description: 'How many days back; up to seven are told by the hour, more by the day.',
      }),
    }),
    reply: z.object({
      by: z.enum(['hour', 'day']),
      points: z
        .array(coursePoint)
        .meta({ description: 'Oldest first; hours and days without a request are left out.' }),
    }),
  },
} as const satisfies Record<string, Route>

export const responseCacheChanged = eventType('response_cache_changed', 1, cacheSettings)
export const responseCacheEmptied = eventType(
  'response_cache_emptied',
  1,
  z.object({ entries: z.number().int(), bytes: z.number().int() }),
)
/** An answer was given to nearly the same question, and the model itself would have answered otherwise. */
export const cachedAnswerWrong = eventType(
  'cached_answer_wrong',
  1,
  z.object({
    request: z.string().meta({ description: 'The request that got it.' }),
    of: z.string().meta({ description: 'The request whose answer it was.' }),
    similarity: z.number(),
    threshold: z.number().meta({ description: 'How alike questions have to be from now on to get it.' }),
  }),
)
