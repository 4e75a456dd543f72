import { z } from 'zod'
import { platformEnv } from '#schemas/config.ts'
import { modelEnv } from '#schemas/gateway/platform-model.ts'

/** What the API reads from its environment. The supervisor's two belong together. */
export const apiEnv = platformEnv
  .extend({
    AUTERITY_PORT: z.coerce.number().int().min(0).max(65535).default(4700),
    AUTERITY_HOST: z.string().min(1).default('127.0.0.1'),
    AUTERITY_DEMO: z.enum(['0', '1']).default('0'),
    AUTERITY_OUTGOING_ALLOW: z.string().optional(),
    ...modelEnv.shape,
    AUTERITY_SUPERVISOR_URL: z.url().optional(),
    AUTERITY_SUPERVISOR_TOKEN: z.string().min(1).optional(),
  })
  .refine((env) => (env.AUTERITY_SUPERVISOR_URL === undefined) === (env.AUTERITY_SUPERVISOR_TOKEN === undefined), {
    message: 'AUTERITY_SUPERVISOR_URL and AUTERITY_SUPERVISOR_TOKEN belong together',
    path: ['AUTERITY_SUPERVISOR_URL'],
  })
