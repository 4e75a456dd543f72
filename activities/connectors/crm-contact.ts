import type { Json } from '#schemas/automation/json.ts'
import { systemsOf, type Connectors } from './connect.ts'
import { given } from './customer.ts'
import type { Hubspot, HubspotObject } from './hubspot.ts'
import { performing } from './perform.ts'

const person = ['firstname', 'lastname', 'email', 'phone', 'mobilephone']
/** HubSpot's own opt-out of mails, and the properties that our installation makes. */
const agreed = ['hs_email_optout', 'auterity_may_text', 'auterity_stopped']

/** The operations on what a contact agreed to, and on the deals that wait for one. */
export const contactActivities = (connectors: Connectors) => ({
  'crm.read_contact': performing<{ contact: string }>('crm.read_contact', async ({ contact }, call) => {
    const { id, properties } = await systemsOf(connectors, call).crm.contact(contact, [...person, ...agreed])
    const stopped = properties['auterity_stopped'] === 'true'
    const { email, phone, name } = reachOf({ id, properties })
    const texts = properties['auterity_may_text']
    return {
      contact: id,
      name,
      email,
      phone,
      mayMail: !stopped && email !== null && properties['hs_email_optout'] !== 'true',
      mayText: stopped || phone === null || texts === 'false' ? 'no' : texts === 'true' ? 'yes' : 'unknown',
      stopped,
    }
  }),
  'crm.stop_contact': performing<{ contact: string; why?: string }>('crm.stop_contact', async (input, call) => {
    const { contact, why } = input
    const stop = { auterity_stopped: 'true', ...given({ auterity_stopped_why: why }) }
    await systemsOf(connectors, call).crm.change('contacts', contact, stop)
    return { contact }
  }),
  'crm.find_deals': performing<{ words: string; most?: number }>('crm.find_deals', async ({ words, most }, call) => {
    const { crm } = systemsOf(connectors, call)
    const { deals, count } = await crm.openDeals(words, most ?? 20)
    return { deals: await Promise.all(deals.map((deal) => withContact(crm, deal))), count }
  }),
})

const withContact = async (crm: Hubspot, { id, properties }: HubspotObject): Promise<Json> => {
  const [contact] = await crm.contactsOf(id)
  const who = contact === undefined ? null : reachOf(await crm.contact(contact, person))
  const amount = properties['amount']
  return {
    id,
    title: properties['dealname'] ?? '',
    stage: properties['dealstage'] ?? null,
    amount: amount == null || amount === '' ? null : Number(amount),
    contact: contact ?? null,
    name: who?.name ?? null,
    email: who?.email ?? null,
    phone: who?.phone ?? null,
  }
}

const reachOf = ({ properties }: HubspotObject) => ({
  name: [properties['firstname'], properties['lastname']].filter(Boolean).join(' ') || null,
  email: properties['email'] || null,
  phone: properties['mobilephone'] || properties['phone'] || null,
})
