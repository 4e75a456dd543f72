import { z } from 'zod'
import { cacheModes } from '../steering/actions.ts'

/** The longest that an answer is kept, in seconds: thirty days. */
export const longest = 2_592_000

export const similarity = z
  .number()
  .min(0.5)
  .max(1)
  .meta({ description: 'How alike two questions have to be, as the cosine of their embeddings.', example: 0.95 })

export const ttl = z
  .number()
  .int()
  .min(1)
  .max(longest)
  .meta({ description: 'How long an answer is good, in seconds.', example: 3600 })

/** What a route says of the cache in place of its tenant; what it leaves open is as the tenant has it. */
export const routeCache = z
  .object({ mode: z.enum(cacheModes), ttl: ttl.optional(), similarity: similarity.optional() })
  .nullable()
  .default(null)
  .meta({
    description:
      'Whether answers of this route are kept and given again; null: as for all routes. A steering rule goes before it.',
  })
