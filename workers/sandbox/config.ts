import { z } from 'zod'

/** Everything the sandbox process reads from its environment. The credentials are fixed: nothing real is behind them. */
export const Config = z.object({
  AUTERITY_SANDBOX_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  AUTERITY_HOME: z.string().min(1).default('.auterity'),
  AUTERITY_SANDBOX_CRM_TOKEN: z.string().min(1).default('pat-sandbox'),
  AUTERITY_SANDBOX_DMS_CLIENT_ID: z.string().min(1).default('sandbox-client'),
  AUTERITY_SANDBOX_DMS_CLIENT_SECRET: z.string().min(1).default('sandbox-secret'),
  AUTERITY_SANDBOX_DMS_SUBSCRIPTION_ID: z.string().min(1).default('sandbox-subscription'),
  AUTERITY_SANDBOX_MAIL_KEY: z.string().min(1).default('re_sandbox'),
  AUTERITY_SANDBOX_SMS_ACCOUNT: z.string().min(1).default('ACsandbox'),
  AUTERITY_SANDBOX_SMS_TOKEN: z.string().min(1).default('sandbox-sms'),
  AUTERITY_SANDBOX_MODEL_KEY: z.string().min(1).default('sk-sandbox'),
})

export type Config = z.output<typeof Config>
