import { amount, fields, list, maybe, text, titled, whole, yes, type Operation } from '../operation.ts'

const id = (what: string) => text(what, { description: 'Its id in the CRM.' })

const deal = titled(
  'Deal',
  fields({
    id: id('Deal'),
    title: text('Title'),
    stage: maybe(text('Stage')),
    amount: maybe(amount('Amount')),
    contact: maybe(id('Contact')),
    name: maybe(text('Name of the contact')),
    email: maybe(text('E-mail')),
    phone: maybe(text('Phone')),
  }),
)

export const contactOperations = {
  'crm.read_contact': {
    title: 'Read a contact and what it agreed to',
    system: 'crm',
    about: 'Reads how to reach a contact, and whether mails, text messages, or nothing at all may be sent to it.',
    queue: 'connectors',
    reads: true,
    input: fields({ contact: id('Contact') }),
    output: fields({
      contact: id('Contact'),
      name: maybe(text('Name')),
      email: maybe(text('E-mail')),
      phone: maybe(text('Phone')),
      mayMail: yes('May be mailed'),
      mayText: text('May be texted', {
        enum: ['yes', 'no', 'unknown'],
        description: 'yes: agreed to offers by text. unknown: gave a number, and was never asked.',
      }),
      stopped: yes('Wants to hear nothing'),
    }),
  },
  'crm.stop_contact': {
    title: 'Mark a contact “do not contact”',
    system: 'crm',
    about: 'Writes down that a contact wants to hear nothing more.',
    queue: 'connectors',
    input: fields({ contact: id('Contact'), why: text('Why', { maxLength: 1000 }) }, ['why']),
    output: fields({ contact: id('Contact') }),
  },
  'crm.find_deals': {
    title: 'Find open deals',
    system: 'crm',
    about: 'Deals that are not closed and whose title or description has the words, with who they are of.',
    queue: 'connectors',
    reads: true,
    input: fields(
      {
        words: text('Words', { minLength: 2, maxLength: 200 }),
        most: whole('How many at most', { minimum: 1, maximum: 50, default: 20 }),
      },
      ['most'],
    ),
    output: fields({ deals: list('Deals', deal), count: whole('How many fit') }),
  },
} as const satisfies Record<string, Operation>
