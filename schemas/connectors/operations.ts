import type { Operation } from './operation.ts'
import { crmOperations } from './operations/crm.ts'
import { dmsOperations } from './operations/dms.ts'
import { leadsOperations } from './operations/leads.ts'
import { mailOperations } from './operations/mail.ts'

export type { Operation } from './operation.ts'

const all = {
  ...leadsOperations,
  ...crmOperations,
  ...dmsOperations,
  ...mailOperations,
} as const satisfies Record<string, Operation>

export type OperationId = keyof typeof all

/** Every operation, by the id that definitions and histories name it by: system, then what it does. */
export const operations: Readonly<Record<string, Operation>> = all
