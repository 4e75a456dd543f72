import type { Operation } from './operation.ts'
import { crmOperations } from './operations/crm.ts'
import { contactOperations } from './operations/crm-contact.ts'
import { serviceOperations } from './operations/dms-service.ts'
import { stockOperations } from './operations/dms-stock.ts'
import { dmsOperations } from './operations/dms.ts'
import { leadsOperations } from './operations/leads.ts'
import { mailOperations } from './operations/mail.ts'
import { smsOperations } from './operations/sms.ts'

export type { Operation } from './operation.ts'

const all = {
  ...leadsOperations,
  ...crmOperations,
  ...contactOperations,
  ...dmsOperations,
  ...serviceOperations,
  ...stockOperations,
  ...mailOperations,
  ...smsOperations,
} as const satisfies Record<string, Operation>

export type OperationId = keyof typeof all

/** Every operation, by the id that definitions and histories name it by: system, then what it does. */
export const operations: Readonly<Record<string, Operation>> = all
