import { isFault } from '#schemas/errors.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import type { CustomerMatch } from '#schemas/leads/run.ts'
import { nameOf } from '#schemas/leads/title.ts'
import type { Hubspot, HubspotObject } from './hubspot.ts'

/** How a contact is known again. */
export type Reach = { email: string | null; phone: string | null }

/**
 * Finds the contact of a lead by e-mail, by the key of an earlier try, or by phone, and else creates it.
 */
export async function matchCustomer(crm: Hubspot, leadKey: string, lead: Lead, leadId: string): Promise<CustomerMatch> {
  const { customer } = lead
  const { id, created } = await findOrCreate(crm, leadKey, customer, {
    auterity_lead_id: leadId,
    ...given({
      firstname: customer.firstName ?? customer.fullName,
      lastname: customer.lastName,
      email: customer.email,
      phone: customer.phone,
      city: customer.address?.city,
      zip: customer.address?.postalCode,
    }),
  })
  return { contact: id, created, name: nameOf(lead) }
}

/** The properties that have a value. */
export const given = (properties: Record<string, string | null | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(properties).flatMap(([name, value]) => (value == null ? [] : [[name, value]])))

/**
 * The contact that is known by this e-mail or phone, or by the key of an earlier try, else a new one. Two at once meet
 * in the CRM's unique values: the later one is refused with 409 and finds what the earlier one made.
 */
export async function findOrCreate(
  crm: Hubspot,
  ownKey: string,
  reach: Reach,
  properties: Record<string, string>,
): Promise<{ id: string; created: boolean }> {
  const key = keyOf(ownKey, reach)
  const known = await find(crm, key, reach)
  if (known !== null) return { id: known.id, created: false }
  try {
    const { id } = await crm.upsert('contacts', key, properties)
    return { id, created: true }
  } catch (error) {
    if (!isFault(error) || error.extra['status'] !== 409) throw error
    const other = await find(crm, key, reach)
    if (other === null) throw error
    return { id: other.id, created: false }
  }
}

/** Nothing in the CRM keeps two contacts from having one phone number, so where it is all we know it is the key. */
const keyOf = (ownKey: string, { email, phone }: Reach): string =>
  email === null && phone !== null ? `phone:${phone.replaceAll(/\D/g, '')}` : ownKey

const find = async (crm: Hubspot, key: string, { email, phone }: Reach): Promise<HubspotObject | null> =>
  (email === null ? null : await crm.findContact(email, 'email')) ??
  (await crm.findContact(key, 'auterity_key')) ??
  (email === null && phone !== null ? await crm.findContactByPhone(phone) : null)
