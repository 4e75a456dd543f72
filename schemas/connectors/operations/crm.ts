import { amount, fields, maybe, text, titled, yes, type Operation } from '../operation.ts'
import { assessment, lead, match, record } from './lead.ts'
import { stockCheck } from './vehicle.ts'

const id = (what: string) => text(what, { description: 'Its id in the CRM.' })
const ownKey = (what: string) =>
  text('Key', {
    description: `What the ${what} is known by: the same key again changes it. Without one, each step of a run has its own.`,
    maxLength: 200,
  })

const contact = titled(
  'Contact',
  fields({
    id: id('Contact'),
    firstName: maybe(text('First name')),
    lastName: maybe(text('Last name')),
    email: maybe(text('E-mail')),
    phone: maybe(text('Phone')),
    city: maybe(text('City')),
    postalCode: maybe(text('Postal code')),
  }),
)

export const crmOperations = {
  'crm.match_customer': {
    title: 'Find or create the customer of a lead',
    system: 'crm',
    about: 'Finds the contact by e-mail, by an earlier lead or by phone, and else creates it.',
    queue: 'connectors',
    input: fields({ lead }),
    output: match,
  },
  'crm.record_lead': {
    title: 'Write a lead to the CRM',
    system: 'crm',
    about: 'Writes a deal for the customer and a note of what came in; a lead sent again changes the same deal.',
    queue: 'connectors',
    input: fields({ lead, customer: match, assessment, stock: stockCheck }),
    output: record,
  },
  'crm.close_lead': {
    title: 'Note what came of a lead',
    system: 'crm',
    about: 'Adds a note to the deal: the reply was sent, was rejected, or the customer has to be called.',
    queue: 'connectors',
    input: fields({
      lead,
      record,
      what: text('What came of it', { enum: ['sent', 'call', 'rejected'] }),
      by: text('Decided by', { description: 'The name of the person.' }),
    }),
    output: fields({ note: id('Note') }),
  },
  'crm.hand_back': {
    title: 'Hand a lead back to a person',
    system: 'crm',
    about: 'Puts the deal where a person follows up, with a note that says why. Undoes “Write a lead to the CRM”.',
    queue: 'connectors',
    input: fields({ lead, why: text('Why') }, ['why']),
    output: record,
  },
  'crm.find_contact': {
    title: 'Find a contact',
    system: 'crm',
    about: 'Looks for a contact by e-mail, then by phone.',
    queue: 'connectors',
    reads: true,
    input: fields({ email: maybe(text('E-mail')), phone: maybe(text('Phone')) }, ['email', 'phone']),
    output: fields({ contact: maybe(contact) }),
  },
  'crm.upsert_contact': {
    title: 'Create or change a contact',
    system: 'crm',
    about: 'Writes a contact; one with the same e-mail, else with the same phone, is changed and not doubled.',
    queue: 'connectors',
    input: fields(
      {
        email: maybe(text('E-mail')),
        phone: maybe(text('Phone')),
        firstName: maybe(text('First name')),
        lastName: maybe(text('Last name')),
        city: maybe(text('City')),
        postalCode: maybe(text('Postal code')),
      },
      ['email', 'phone', 'firstName', 'lastName', 'city', 'postalCode'],
    ),
    output: fields({ contact: id('Contact'), created: yes('New in the CRM') }),
  },
  'crm.upsert_deal': {
    title: 'Create or change a deal',
    system: 'crm',
    about: 'Writes a deal and ties it to a contact.',
    queue: 'connectors',
    input: fields(
      {
        title: text('Title', { maxLength: 250 }),
        key: ownKey('deal'),
        stage: text('Stage', {
          description: 'As the CRM names it: appointmentscheduled, qualifiedtobuy, closedwon, …',
          default: 'appointmentscheduled',
        }),
        amount: maybe(amount('Amount', { minimum: 0 })),
        text: text('Description'),
        contact: id('Contact'),
      },
      ['key', 'stage', 'amount', 'text', 'contact'],
    ),
    output: fields({ deal: id('Deal'), created: yes('New in the CRM') }),
  },
  'crm.add_note': {
    title: 'Add a note',
    system: 'crm',
    about: 'Writes a note on a deal, a contact, or both.',
    queue: 'connectors',
    input: fields({ text: text('Text', { maxLength: 10_000 }), deal: id('Deal'), contact: id('Contact') }, [
      'deal',
      'contact',
    ]),
    output: fields({ note: id('Note') }),
  },
  'crm.create_task': {
    title: 'Create a task',
    system: 'crm',
    about: 'Gives a person something to do, by a time, on a deal or a contact.',
    queue: 'connectors',
    input: fields(
      {
        title: text('What to do', { maxLength: 250 }),
        text: text('More about it', { maxLength: 10_000 }),
        due: text('Due', { description: 'A time with its zone; now, where none is given.', format: 'date-time' }),
        priority: text('Priority', { enum: ['low', 'medium', 'high'], default: 'medium' }),
        kind: text('Kind', { enum: ['call', 'email', 'todo'], default: 'todo' }),
        owner: text('Owner', { description: 'The id of a user of the CRM.' }),
        deal: id('Deal'),
        contact: id('Contact'),
      },
      ['text', 'due', 'priority', 'kind', 'owner', 'deal', 'contact'],
    ),
    output: fields({ task: id('Task') }),
  },
} as const satisfies Record<string, Operation>
