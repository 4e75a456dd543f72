import { z } from 'zod'
import type { Route } from '../http.ts'
import { providerKind, type KindName } from './kinds/index.ts'

/** What is read of the model that the platform shares with all its tenants. */
export const modelEnv = z.object({
  AUTERITY_MODEL: z.string().min(1).optional(),
  OPENAI_API_KEY: z.string().min(1).optional(),
  OPENAI_BASE_URL: z.url().optional(),
  ANTHROPIC_API_KEY: z.string().min(1).optional(),
  AUTERITY_SANDBOX_URL: z.url().optional(),
})

/** A provider that the platform pays for, with the model that `default` leads to. */
export type PlatformModel = { kind: KindName; baseUrl: string | null; key: string; model: string }

/** What `default` asks for at a tenant that has no route of that name. */
export const platformAlias = 'default'
/** What the requests page calls the provider of the platform; tenants cannot ask it for other models. */
export const platformName = 'platform'

/** OpenAI when its key is set, else Anthropic, else the sandbox; null where there is none of them. */
export function readPlatformModel(env: z.infer<typeof modelEnv>): PlatformModel | null {
  const { AUTERITY_MODEL: model, OPENAI_BASE_URL: baseUrl = null } = env
  if (env.OPENAI_API_KEY !== undefined)
    return { kind: 'openai', baseUrl, key: env.OPENAI_API_KEY, model: model ?? 'gpt-5-mini' }
  if (env.ANTHROPIC_API_KEY !== undefined)
    return { kind: 'anthropic', baseUrl: null, key: env.ANTHROPIC_API_KEY, model: model ?? 'claude-haiku-4-5' }
  if (env.AUTERITY_SANDBOX_URL === undefined) return null
  return {
    kind: 'sandbox',
    baseUrl: `${env.AUTERITY_SANDBOX_URL}/openai/v1`,
    key: 'sk-sandbox',
    model: 'sandbox-lead-1',
  }
}

export const platformModelRoutes = {
  'GET /v1/gateway/platform': {
    summary: 'The model that the platform shares with all tenants, by the name that it is asked by',
    scope: 'gateway:read',
    reply: z.object({
      model: z
        .object({
          alias: z.string().meta({ example: platformAlias }),
          kind: providerKind,
          model: z.string().meta({ example: 'gpt-5-mini' }),
        })
        .nullable()
        .meta({ description: 'Null where each tenant has to bring its own.' }),
    }),
  },
} as const satisfies Record<string, Route>
