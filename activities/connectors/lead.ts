import { Fault } from '#schemas/errors.ts'
import { dedupeKey } from '#schemas/leads/index.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { Assessment, CrmRecord, CustomerMatch, StockCheck } from '#schemas/leads/run.ts'
import { titleOf, vehicleOf } from '#schemas/leads/title.ts'
import type { Hubspot } from './hubspot.ts'
import { sendMail, type MailConfig } from './mail.ts'

export type OfLead = { origin: string; lead: Lead }

const closing = {
  sent: (by: string) => `Reply sent, approved by ${by}.`,
  call: (by: string) => `Reply approved by ${by}; the customer left no e-mail address, so call them.`,
  rejected: (by: string) => `Reply rejected by ${by}; nothing was sent.`,
}

export type Closing = { record: CrmRecord; what: keyof typeof closing; by: string }

/** What outside systems know the lead by: the provider's own id where it has one, so that a resend is the same lead. */
export const leadKey = ({ origin, lead }: OfLead): string => dedupeKey(lead) ?? origin
export const leadIdOf = ({ origin, lead }: OfLead): string => lead.leadId ?? origin

/** Writes the deal and a note of what came in; doing it again leaves one of each. */
export async function recordLead(
  crm: Hubspot,
  of: OfLead & { customer: CustomerMatch; assessment: Assessment; stock: StockCheck },
): Promise<CrmRecord> {
  const { lead, customer, assessment, stock } = of
  const key = leadKey(of)
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
  const note = await noteOnDeal(crm, of, deal.id, 'received', {
    body: `Lead from ${lead.provider.name}: ${assessment.reading.summary}`,
    at: lead.requestedAt,
  })
  return { deal: deal.id, note }
}

export const closeLead = (crm: Hubspot, of: OfLead & Closing): Promise<string> =>
  noteOnDeal(crm, of, of.record.deal, of.what, { body: closing[of.what](of.by) })

/** Compensation: the deal, where it was written, goes to a person, with a note that says why. */
export async function handBack(crm: Hubspot, of: OfLead & { why?: string }): Promise<CrmRecord> {
  const deal = await crm.upsert('deals', leadKey(of), {
    dealname: titleOf(of.lead),
    dealstage: 'qualifiedtobuy',
    auterity_lead_id: leadIdOf(of),
  })
  const why = of.why === undefined ? 'No reply was sent.' : `No reply was sent: ${of.why}`
  const note = await noteOnDeal(crm, of, deal.id, 'handed-back', { body: `${why} Somebody has to follow up.` })
  return { deal: deal.id, note }
}

const noteOnDeal = async (
  crm: Hubspot,
  of: OfLead,
  deal: string,
  what: string,
  { body, at = null }: { body: string; at?: string | null },
): Promise<string> => {
  const note = await crm.upsert('notes', `${leadKey(of)}:${what}`, {
    hs_note_body: body,
    hs_timestamp: at ?? new Date().toISOString(),
    auterity_lead_id: leadIdOf(of),
  })
  await crm.associate('notes', note.id, 'deals', deal)
  return note.id
}

/** Sends the reply once per run; gives the mail's id. */
export async function sendReply(
  mail: MailConfig,
  { lead, text, run }: { run: string; lead: Lead; text: string },
): Promise<string> {
  if (lead.customer.email === null)
    throw new Fault('mail_refused', 'The customer left no e-mail address; the reply has to be given by phone.')
  return sendMail(mail, {
    to: lead.customer.email,
    subject: `Your question about the ${vehicleOf(lead)}`,
    text,
    tag: { name: 'lead', value: leadIdOf({ origin: run, lead }) },
    idempotencyKey: `${run}:reply`,
  })
}
