import type { Deps } from '#activities/deps.ts'
import { Fault } from '#schemas/errors.ts'
import { dedupeKey } from '#schemas/leads/index.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { Assessment, CrmRecord, CustomerMatch, RunScope, StockCheck } from '#schemas/leads/run.ts'
import { titleOf, vehicleOf } from '#schemas/leads/title.ts'
import { checkStock } from './stock.ts'
import { matchCustomer } from './customer.ts'
import { sendMail } from './mail.ts'

const closing = {
  sent: (by: string) => `Reply sent, approved by ${by}.`,
  call: (by: string) => `Reply approved by ${by}; the customer left no e-mail address, so call them.`,
  rejected: (by: string) => `Reply rejected by ${by}; nothing was sent.`,
}

type OfLead = RunScope & { origin: string; lead: Lead }
type Note = OfLead & { record: CrmRecord; what: keyof typeof closing; by: string }

/** What outside systems know the lead by: the provider's own id where it has one, so that a resend is the same lead. */
const keyOf = ({ origin, lead }: { origin: string; lead: Lead }): string => dedupeKey(lead) ?? origin
const leadIdOf = ({ origin, lead }: { origin: string; lead: Lead }): string => lead.leadId ?? origin

export const connectorActivities = ({ connectors: { crm, dms, mail } }: Pick<Deps, 'connectors'>) => ({
  matchCustomer: (of: OfLead): Promise<CustomerMatch> => matchCustomer(crm, keyOf(of), of.lead, leadIdOf(of)),

  checkStock: ({ lead }: RunScope & { lead: Lead }): Promise<StockCheck> => checkStock(dms, lead),

  /** Writes the deal and a note of what came in; doing it again leaves one of each. */
  async recordInCrm(
    of: OfLead & { customer: CustomerMatch; assessment: Assessment; stock: StockCheck },
  ): Promise<CrmRecord> {
    const { lead, customer, assessment, stock } = of
    const key = keyOf(of)
    const price = stock.exact[0]?.price ?? null
    const deal = await crm.upsert('deals', key, {
      dealname: titleOf(lead),
      dealstage: 'appointmentscheduled',
      pipeline: 'default',
      description: assessment.reading.summary,
      auterity_lead_id: leadIdOf(of),
      ...(price === null ? {} : { amount: String(price) }),
    })
    await crm.associate('deals', deal.id, 'contacts', customer.contact)
    const note = await crm.upsert('notes', `${key}:received`, {
      hs_note_body: `Lead from ${lead.provider.name}: ${assessment.reading.summary}`,
      hs_timestamp: lead.requestedAt ?? new Date().toISOString(),
      auterity_lead_id: leadIdOf(of),
    })
    await crm.associate('notes', note.id, 'deals', deal.id)
    return { deal: deal.id, note: note.id }
  },

  /** Sends the reply once per run; gives the mail's id. */
  async sendReply({ lead, text, run }: RunScope & { lead: Lead; text: string }): Promise<string> {
    if (lead.customer.email === null)
      throw new Fault('mail_refused', 'The customer left no e-mail address; the reply has to be given by phone.')
    return sendMail(mail, {
      to: lead.customer.email,
      subject: `Your question about the ${vehicleOf(lead)}`,
      text,
      lead: leadIdOf({ origin: run, lead }),
      idempotencyKey: `${run}:reply`,
    })
  },

  async noteInCrm(of: Note): Promise<void> {
    const { record, what, by } = of
    const note = await crm.upsert('notes', `${keyOf(of)}:${what}`, {
      hs_note_body: closing[what](by),
      hs_timestamp: new Date().toISOString(),
      auterity_lead_id: leadIdOf(of),
    })
    await crm.associate('notes', note.id, 'deals', record.deal)
  },

  /** Compensation: the deal, where it was written, goes to a person, with a note that says why. */
  async handDealBack(of: OfLead & { why: string }): Promise<void> {
    const deal = await crm.upsert('deals', keyOf(of), {
      dealname: titleOf(of.lead),
      dealstage: 'qualifiedtobuy',
      auterity_lead_id: leadIdOf(of),
    })
    const note = await crm.upsert('notes', `${keyOf(of)}:handed-back`, {
      hs_note_body: `No reply was sent: ${of.why} Somebody has to follow up.`,
      hs_timestamp: new Date().toISOString(),
      auterity_lead_id: leadIdOf(of),
    })
    await crm.associate('notes', note.id, 'deals', deal.id)
  },
})
