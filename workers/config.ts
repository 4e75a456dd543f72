import { z } from 'zod'
import type { ConnectorConfig } from '#activities/connectors/connect.ts'
import { platformEnv } from '#schemas/config.ts'
import { modelEnv } from '#schemas/gateway/platform-model.ts'

/** What the worker reads besides. Connector groups are whole or absent; absent means the sandbox. */
export const workerEnv = platformEnv.extend({
  ...modelEnv.shape,
  AUTERITY_CRM_URL: z.url().optional(),
  AUTERITY_CRM_TOKEN: z.string().optional(),
  AUTERITY_DMS_URL: z.url().optional(),
  AUTERITY_DMS_CLIENT_ID: z.string().optional(),
  AUTERITY_DMS_CLIENT_SECRET: z.string().optional(),
  AUTERITY_DMS_SUBSCRIPTION_ID: z.string().optional(),
  AUTERITY_MAIL_URL: z.url().optional(),
  AUTERITY_MAIL_KEY: z.string().optional(),
  AUTERITY_MAIL_FROM: z.string().default('Sales team <sales@northstar-motors.example>'),
  AUTERITY_SMS_URL: z.url().optional(),
  AUTERITY_SMS_ACCOUNT: z.string().optional(),
  AUTERITY_SMS_TOKEN: z.string().optional(),
  AUTERITY_SMS_FROM: z.string().optional(),
  AUTERITY_OUTGOING_ALLOW: z.string().optional(),
  AUTERITY_WORKFLOW_BUNDLE: z.string().optional(),
})

type WorkerEnv = z.infer<typeof workerEnv>

const whole = <T extends Partial<Record<keyof WorkerEnv, string | undefined>>>(
  group: T,
): { [K in keyof T]: string } | null => {
  const missing = Object.entries(group).filter(([, value]) => value === undefined)
  if (missing.length === 0) return group as { [K in keyof T]: string }
  if (missing.length === Object.keys(group).length) return null
  throw new Error(
    `${Object.keys(group).join(', ')} belong together: ${missing.map(([name]) => name).join(', ')} not set.`,
  )
}

const needSandbox = (env: WorkerEnv, what: string): string => {
  if (env.AUTERITY_SANDBOX_URL !== undefined) return env.AUTERITY_SANDBOX_URL
  throw new Error(`No ${what} is configured and no sandbox runs; see .env.example for the variables to set.`)
}

export function connectorConfig(env: WorkerEnv): ConnectorConfig {
  const { AUTERITY_CRM_URL, AUTERITY_CRM_TOKEN, AUTERITY_MAIL_URL, AUTERITY_MAIL_KEY } = env
  const { AUTERITY_DMS_URL, AUTERITY_DMS_CLIENT_ID, AUTERITY_DMS_CLIENT_SECRET, AUTERITY_DMS_SUBSCRIPTION_ID } = env
  const crm = whole({ AUTERITY_CRM_URL, AUTERITY_CRM_TOKEN })
  const mail = whole({ AUTERITY_MAIL_URL, AUTERITY_MAIL_KEY })
  const dms = whole({
    AUTERITY_DMS_URL,
    AUTERITY_DMS_CLIENT_ID,
    AUTERITY_DMS_CLIENT_SECRET,
    AUTERITY_DMS_SUBSCRIPTION_ID,
  })
  const { AUTERITY_SMS_URL, AUTERITY_SMS_ACCOUNT, AUTERITY_SMS_TOKEN, AUTERITY_SMS_FROM } = env
  const sms = whole({ AUTERITY_SMS_URL, AUTERITY_SMS_ACCOUNT, AUTERITY_SMS_TOKEN, AUTERITY_SMS_FROM })
  const pretending = crm === null || dms === null || mail === null
  const { AUTERITY_SANDBOX_URL: sandbox, AUTERITY_MAIL_FROM: from } = env
  const rehearsal = sandbox === undefined ? null : sandboxSystems(sandbox, from)
  const pretended = (what: string) => sandboxSystems(needSandbox(env, what), from)
  return {
    sandbox: pretending,
    rehearsal,
    crm: crm === null ? pretended('CRM').crm : { url: crm.AUTERITY_CRM_URL, token: crm.AUTERITY_CRM_TOKEN },
    dms:
      dms === null
        ? pretended('DMS').dms
        : {
            url: dms.AUTERITY_DMS_URL,
            clientId: dms.AUTERITY_DMS_CLIENT_ID,
            clientSecret: dms.AUTERITY_DMS_CLIENT_SECRET,
            subscriptionId: dms.AUTERITY_DMS_SUBSCRIPTION_ID,
          },
    mail:
      mail === null
        ? pretended('mail system').mail
        : { from: env.AUTERITY_MAIL_FROM, url: mail.AUTERITY_MAIL_URL, key: mail.AUTERITY_MAIL_KEY },
    // a dealership of real systems sends no pretend texts: it has none until it connects some
    sms:
      sms === null
        ? pretending
          ? pretended('text message system').sms
          : null
        : {
            url: sms.AUTERITY_SMS_URL,
            account: sms.AUTERITY_SMS_ACCOUNT,
            token: sms.AUTERITY_SMS_TOKEN,
            from: sms.AUTERITY_SMS_FROM,
          },
  }
}

/** The systems of a sandbox, by its address, with the keys that it takes unless it is told others. */
export const sandboxSystems = (url: string, from: string) => ({
  crm: { url: `${url}/crm`, token: 'pat-sandbox' },
  dms: {
    url: `${url}/dms`,
    clientId: 'sandbox-client',
    clientSecret: 'sandbox-secret',
    subscriptionId: 'sandbox-subscription',
  },
  mail: { from, url: `${url}/mail`, key: 're_sandbox' },
  sms: { url: `${url}/sms`, account: 'ACsandbox', token: 'sandbox-sms', from: '+15125550100' },
})
