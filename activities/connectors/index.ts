import type { Deps } from '#activities/deps.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { Assessment, CrmRecord, CustomerMatch, RunScope, StockCheck } from '#schemas/leads/run.ts'
import { checkStock } from './stock.ts'
import { matchCustomer } from './customer.ts'
import { closeLead, handBack, leadIdOf, leadKey, recordLead, sendReply, type Closing, type OfLead } from './lead.ts'

type OfRun = RunScope & OfLead

export const connectorActivities = ({ connectors: { crm, dms, mail } }: Pick<Deps, 'connectors'>) => ({
  matchCustomer: (of: OfRun): Promise<CustomerMatch> => matchCustomer(crm, leadKey(of), of.lead, leadIdOf(of)),

  checkStock: ({ lead }: RunScope & { lead: Lead }): Promise<StockCheck> => checkStock(dms, lead),

  recordInCrm: (
    of: OfRun & { customer: CustomerMatch; assessment: Assessment; stock: StockCheck },
  ): Promise<CrmRecord> => recordLead(crm, of),

  sendReply: (of: RunScope & { lead: Lead; text: string }): Promise<string> => sendReply(mail, of),

  noteInCrm: async (of: OfRun & Closing): Promise<void> => void (await closeLead(crm, of)),

  handDealBack: async (of: OfRun & { why: string }): Promise<void> => void (await handBack(crm, of)),
})
