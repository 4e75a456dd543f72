import { z } from 'zod'

/** What every process of the platform reads: the database, the keys, Temporal. */
export const platformEnv = z.object({
  DATABASE_URL: z.url(),
  AUTERITY_KEY: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is not 32 bytes in base64'),
  AUTERITY_OLD_KEYS: z.string().default(''),
  TEMPORAL_ADDRESS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_API_KEY: z.string().min(1).optional(),
  AUTERITY_URL: z.url().optional(),
  AUTERITY_HOME: z.string().min(1).default('.auterity'),
  AUTERITY_LOG: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
})
export type PlatformEnv = z.infer<typeof platformEnv>

/** All keys of the ring, the current one first. */
export const keyRing = (env: Pick<PlatformEnv, 'AUTERITY_KEY' | 'AUTERITY_OLD_KEYS'>): [string, ...string[]] => [
  env.AUTERITY_KEY,
  ...env.AUTERITY_OLD_KEYS.split(',').filter(Boolean),
]

/** Reads an environment once; an unusable one is told whole, a line a variable. An empty value is an absent one. */
export const readEnv = <T extends z.ZodType>(shape: T, env: Record<string, string | undefined>): z.infer<T> => {
  const parsed = shape.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  if (parsed.success) return parsed.data
  const said = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The configuration is not usable.\n  ${said.join('\n  ')}`)
}
