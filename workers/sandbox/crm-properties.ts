/** The objects of the pretend HubSpot portal. */
export const crmKinds = ['contacts', 'deals', 'notes', 'tasks'] as const
export type CrmKind = (typeof crmKinds)[number]

/** Every kind has an owner and the custom properties that the platform's installation makes. */
const everywhere = ' hubspot_owner_id auterity_key auterity_lead_id'

const person = 'email firstname lastname phone mobilephone company jobtitle website message'
const consent = 'hs_email_optout auterity_may_text auterity_stopped auterity_stopped_why'
const place = 'address city state zip country'
const known = {
  contacts: `${person} ${place} lifecyclestage hs_lead_status ${consent}${everywhere}`.split(' '),
  deals: `dealname amount dealstage pipeline closedate dealtype description hs_priority${everywhere}`.split(' '),
  notes: `hs_note_body hs_timestamp hs_attachment_ids${everywhere}`.split(' '),
  tasks:
    `hs_task_subject hs_task_body hs_task_status hs_task_priority hs_task_type hs_timestamp hs_task_reminders${everywhere}`.split(
      ' ',
    ),
} satisfies Record<CrmKind, string[]>

const unique = {
  contacts: ['email', 'auterity_key'],
  deals: ['auterity_key'],
  notes: ['auterity_key'],
  tasks: ['auterity_key'],
} satisfies Record<CrmKind, string[]>

/** What the vendor returns where the caller names no properties. */
const shown = {
  contacts: ['email', 'firstname', 'lastname'],
  deals: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
  notes: [],
  tasks: [],
} satisfies Record<CrmKind, string[]>

/** Set by the portal itself; on every answer. */
export const systemProperties = (kind: CrmKind): { created: string; updated: string } => ({
  created: kind === 'notes' || kind === 'tasks' ? 'hs_createdate' : 'createdate',
  updated: kind === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate',
})

export const isKind = (text: string): text is CrmKind => crmKinds.some((kind) => kind === text)
export const isKnown = (kind: CrmKind, property: string): boolean => known[kind].includes(property)
export const uniqueProperties = (kind: CrmKind): readonly string[] => unique[kind]
export const defaultProperties = (kind: CrmKind): readonly string[] => shown[kind]
/** Unique values are compared as the vendor does: e-mail addresses without regard to case. */
export const comparable = (property: string, value: string): string =>
  property === 'email' ? value.toLowerCase() : value
