import { agedInventory } from './aged-inventory.ts'
import { appointmentReminder } from './appointment-reminder.ts'
import { deliveryDay } from './delivery-day.ts'
import { financeDocuments } from './finance-documents.ts'
import { leadResponseTemplate } from './lead-response.ts'
import { missedCall } from './missed-call.ts'
import { priceDrop } from './price-drop.ts'
import { reachCustomer } from './reach-customer.ts'
import { recallOutreach } from './recall-outreach.ts'
import { reviewRequest } from './review-request.ts'
import { serviceDue } from './service-due.ts'
import type { Template } from './template.ts'
import { testDriveFollowUp } from './test-drive-follow-up.ts'
import { tradeInAppraisal } from './trade-in-appraisal.ts'

/** Every template, in the order of a customer's way through the house; parts of others come last. */
export const templates: readonly Template[] = [
  leadResponseTemplate,
  missedCall,
  testDriveFollowUp,
  tradeInAppraisal,
  financeDocuments,
  deliveryDay,
  reviewRequest,
  appointmentReminder,
  serviceDue,
  recallOutreach,
  agedInventory,
  priceDrop,
  reachCustomer,
]
