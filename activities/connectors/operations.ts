import type { Deps } from '#activities/deps.ts'
import { leadOperations } from '#activities/leads/operations.ts'
import type { OperationId } from '#schemas/connectors/operations.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import { systemsOf, type Connectors } from './connect.ts'
import { contactActivities } from './crm-contact.ts'
import { crmActivities } from './crm.ts'
import { serviceActivities } from './dms-service.ts'
import { stockActivities } from './dms-stock.ts'
import { dmsActivities } from './dms.ts'
import { sendReply } from './lead.ts'
import { sendMail } from './mail.ts'
import { performing, type Perform } from './perform.ts'
import { smsActivities } from './sms.ts'

/** Every operation as an activity, by its id. */
export const operationActivities = (
  deps: Pick<Deps, 'db' | 'connectors' | 'gateway'>,
): Record<OperationId, Perform> => ({
  ...leadOperations(deps),
  ...crmActivities(deps.connectors),
  ...contactActivities(deps.connectors),
  ...dmsActivities(deps.connectors),
  ...serviceActivities(deps.connectors),
  ...stockActivities(deps.connectors),
  ...mailActivities(deps.connectors),
  ...smsActivities(deps.connectors),
})

const mailActivities = (connectors: Connectors) => ({
  'mail.send_reply': performing<{ lead: Lead; text: string }>('mail.send_reply', async (input, call) => ({
    mail: await sendReply(systemsOf(connectors, call).mail, { run: call.run, ...input }),
  })),
  // a run that repeats another one sends again, a step that is tried again does not
  'mail.send': performing<{ to: string; subject: string; text: string }>('mail.send', async (mail, call) => ({
    mail: await sendMail(systemsOf(connectors, call).mail, {
      ...mail,
      tag: { name: 'lead', value: call.origin },
      idempotencyKey: [call.run, call.step, call.part].filter((part) => part !== undefined).join(':'),
    }),
  })),
})
