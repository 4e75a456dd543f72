import { isFault } from '#schemas/errors.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { CustomerMatch } from '#schemas/leads/run.ts'
import { nameOf } from '#schemas/leads/title.ts'
import type { Hubspot } from './hubspot.ts'

/**
 * Finds the contact of a lead by e-mail, by the key of an earlier try, or by phone, and else creates it. Two at once
 * meet in the CRM's unique values: the later one is refused with 409 and finds what the earlier one made.
 */
export async function matchCustomer(crm: Hubspot, leadKey: string, lead: Lead, leadId: string): Promise<CustomerMatch> {
  const key = keyOf(leadKey, lead)
  const known = await find(crm, key, lead)
  if (known !== null) return known
  const { customer } = lead
  const properties: Record<string, string> = { auterity_lead_id: leadId }
  for (const [property, value] of [
    ['firstname', customer.firstName ?? customer.fullName],
    ['lastname', customer.lastName],
    ['email', customer.email],
    ['phone', customer.phone],
    ['city', customer.address?.city],
    ['zip', customer.address?.postalCode],
  ] as const)
    if (value != null) properties[property] = value
  try {
    const { id } = await crm.upsert('contacts', key, properties)
    return { contact: id, created: true, name: nameOf(lead) }
  } catch (error) {
    if (!isFault(error) || error.extra['status'] !== 409) throw error
    const other = await find(crm, key, lead)
    if (other === null) throw error
    return other
  }
}

/** Nothing in the CRM keeps two contacts from having one phone number, so where it is all we know it is the key. */
const keyOf = (leadKey: string, { customer: { email, phone } }: Lead): string =>
  email === null && phone !== null ? `phone:${phone.replaceAll(/\D/g, '')}` : leadKey

const find = async (crm: Hubspot, key: string, lead: Lead): Promise<CustomerMatch | null> => {
  const { email, phone } = lead.customer
  const found =
    (email === null ? null : await crm.findContact(email, 'email')) ??
    (await crm.findContact(key, 'auterity_key')) ??
    (email === null && phone !== null ? await crm.findContactByPhone(phone) : null)
  return found === null ? null : { contact: found.id, created: false, name: nameOf(lead) }
}
