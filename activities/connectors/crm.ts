import type { Json } from '#schemas/automation/json.ts'
import { Fault } from '#schemas/errors.ts'
import type { Assessment, CustomerMatch, StockCheck } from '#schemas/leads/run.ts'
import type { Lead } from '#schemas/leads/lead.ts'
import { systemsOf, type Connectors } from './connect.ts'
import { findOrCreate, given, matchCustomer } from './customer.ts'
import type { Hubspot, HubspotObject } from './hubspot.ts'
import { closeLead, handBack, leadIdOf, leadKey, recordLead, type Closing } from './lead.ts'
import { keyOf, performing, type OperationCall } from './perform.ts'

type Person = Partial<Record<'email' | 'phone' | 'firstName' | 'lastName' | 'city' | 'postalCode', string>>
type Links = { deal?: string; contact?: string }
type Deal = { title: string; key?: string; stage?: string; amount?: number; text?: string; contact?: string }
type Task = Links & {
  title: string
  text?: string
  due?: string
  priority?: string
  kind?: string
  owner?: string
}

/** The operations of the CRM. */
export const crmActivities = (connectors: Connectors) => {
  const crmOf = (call: OperationCall): Hubspot => systemsOf(connectors, call).crm
  return {
    'crm.match_customer': performing<{ lead: Lead }>('crm.match_customer', ({ lead }, call) => {
      const of = { origin: call.origin, lead }
      return matchCustomer(crmOf(call), leadKey(of), lead, leadIdOf(of))
    }),
    'crm.record_lead': performing<{ lead: Lead; customer: CustomerMatch; assessment: Assessment; stock: StockCheck }>(
      'crm.record_lead',
      (input, call) => recordLead(crmOf(call), { origin: call.origin, ...input }),
    ),
    'crm.close_lead': performing<{ lead: Lead } & Closing>('crm.close_lead', async (input, call) => ({
      note: await closeLead(crmOf(call), { origin: call.origin, ...input }),
    })),
    'crm.hand_back': performing<{ lead: Lead; why?: string }>('crm.hand_back', (input, call) =>
      handBack(crmOf(call), { origin: call.origin, ...input }),
    ),

    'crm.find_contact': performing<Person>('crm.find_contact', async ({ email, phone }, call) => {
      if (email === undefined && phone === undefined)
        throw new Fault('invalid', 'A contact is looked for by e-mail or by phone; neither was given.')
      const crm = crmOf(call)
      const found =
        (email === undefined ? null : await crm.findContact(email, 'email', shown)) ??
        (phone === undefined ? null : await crm.findContactByPhone(phone, shown))
      return { contact: found === null ? null : toContact(found) }
    }),
    'crm.upsert_contact': performing<Person>('crm.upsert_contact', async (person, call) => {
      const { email = null, phone = null } = person
      const crm = crmOf(call)
      const properties = given({
        firstname: person.firstName,
        lastname: person.lastName,
        email,
        phone,
        city: person.city,
        zip: person.postalCode,
      })
      const fresh = { ...properties, auterity_lead_id: call.origin }
      const { id, created } = await findOrCreate(crm, keyOf(call), { email, phone }, fresh)
      if (!created) await crm.change('contacts', id, properties)
      return { contact: id, created }
    }),
    'crm.upsert_deal': performing<Deal>('crm.upsert_deal', async (deal, call) => {
      const crm = crmOf(call)
      const { id, created } = await crm.upsert('deals', deal.key ?? keyOf(call), {
        dealname: deal.title,
        dealstage: deal.stage ?? 'appointmentscheduled',
        pipeline: 'default',
        auterity_lead_id: call.origin,
        ...given({ amount: deal.amount?.toString(), description: deal.text }),
      })
      if (deal.contact !== undefined) await crm.associate('deals', id, 'contacts', deal.contact)
      return { deal: id, created }
    }),
    'crm.add_note': performing<Links & { text: string }>('crm.add_note', async ({ text, ...links }, call) => {
      if (links.deal === undefined && links.contact === undefined)
        throw new Fault('invalid', 'A note stands on a deal or on a contact; neither was given.')
      const crm = crmOf(call)
      const { id } = await crm.upsert('notes', keyOf(call), {
        hs_note_body: text,
        hs_timestamp: new Date().toISOString(),
        auterity_lead_id: call.origin,
      })
      await link(crm, 'notes', id, links)
      return { note: id }
    }),
    'crm.create_task': performing<Task>('crm.create_task', async ({ deal, contact, ...task }, call) => {
      const crm = crmOf(call)
      const { id } = await crm.upsert('tasks', keyOf(call), {
        hs_task_subject: task.title,
        hs_task_status: 'NOT_STARTED',
        hs_task_priority: (task.priority ?? 'medium').toUpperCase(),
        hs_task_type: (task.kind ?? 'todo').toUpperCase(),
        hs_timestamp: task.due ?? new Date().toISOString(),
        auterity_lead_id: call.origin,
        ...given({ hs_task_body: task.text, hubspot_owner_id: task.owner }),
      })
      await link(crm, 'tasks', id, { ...given({ deal, contact }) })
      return { task: id }
    }),
  }
}

const link = async (crm: Hubspot, from: 'notes' | 'tasks', id: string, { deal, contact }: Links): Promise<void> => {
  if (deal !== undefined) await crm.associate(from, id, 'deals', deal)
  if (contact !== undefined) await crm.associate(from, id, 'contacts', contact)
}

const shown = ['firstname', 'lastname', 'email', 'phone', 'city', 'zip']

const toContact = ({ id, properties }: HubspotObject): Json => ({
  id,
  firstName: properties['firstname'] ?? null,
  lastName: properties['lastname'] ?? null,
  email: properties['email'] ?? null,
  phone: properties['phone'] ?? null,
  city: properties['city'] ?? null,
  postalCode: properties['zip'] ?? null,
})
