import { z } from 'zod'
import type { Scope } from './access.ts'
import type { ErrorCode } from './errors.ts'

/**
 * One entry of the HTTP contract, keyed `'METHOD /path/:parameter'`. The API mounts it, OpenAPI and the docs
 * are derived from it, and the UI calls by its key with inferred types.
 */
export type Route = {
  summary: string
  /** `public` needs no sign-in, `member` any signed-in actor of the tenant, else that scope. */
  scope: Scope | 'public' | 'member'
  query?: z.ZodType
  body?: z.ZodType
  reply: z.ZodType
  /** Success status; 200 unless given. */
  status?: 200 | 201 | 202 | 204
  /** Makes something new: honours `Idempotency-Key`. */
  creates?: boolean
  /** Its handler gives the answer itself, which may come as Server-Sent Events; `reply` is what it is as a whole. */
  streams?: boolean
  /** The most bytes of its body, where that is more than of others. */
  bytes?: number
  /** A document that people keep: answered over several lines, with a newline at the end. */
  indented?: boolean
  /** Refusals of its own, besides those that follow from its scope, parameters and body. */
  problems?: readonly ErrorCode[]
}

export const empty = z.null().meta({ description: 'No content.' })

/** Keyset page: `cursor` is the `next` of the page before. */
export const pageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() })

export const timestamp = z.iso.datetime({ offset: true }).meta({ example: '2026-11-21T10:15:00.000Z' })

/** RFC 9457 problem document, as every refused request answers it. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().optional(),
    requestId: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .loose()
  .meta({
    id: 'Problem',
    example: {
      type: 'https://auterity.dev/problems/not_found',
      title: 'There is nothing here by that name.',
      status: 404,
      code: 'not_found',
      requestId: 'req_01jd2x7m4hf8q9v0w3k5n6p7rs',
    },
  })
export type Problem = z.infer<typeof problem>
