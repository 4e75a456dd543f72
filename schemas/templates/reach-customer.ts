import { action, customer, end, lines, object, reachHandle, zone, type Template } from './template.ts'

const contact = { cel: 'vars.contact' }

/** Finds the contact, asks what it agreed to, waits for a decent hour, and writes the way that is allowed. */
export const reachCustomer: Template = {
  handle: reachHandle,
  title: 'Reach a customer',
  purpose: 'Writes to a customer by text or mail, as they agreed to and at a decent hour; else a person calls.',
  category: 'part',
  sample: {
    input: {
      customer: { name: 'Maria Alvarez', email: 'maria.alvarez@example.com', phone: '(512) 555-0114' },
      subject: 'Your car is ready',
      text: 'Hello Maria, your car is ready. We are here until eight.',
      sms: 'Hello Maria, your car is ready. We are here until 8 pm.',
      purpose: 'service',
      atOnce: false,
    },
    expect: { outcome: 'sent', texts: ['(512) 555-0114'] },
  },
  definition: {
    format: 1,
    name: 'Reach a customer',
    description: 'A part of other automations: the one place that knows consent, quiet hours and channels.',
    input: object({
      customer,
      subject: { type: 'string', title: 'Subject', maxLength: 250 },
      text: { type: 'string', title: 'Mail', maxLength: 20_000 },
      sms: { type: ['string', 'null'], title: 'Text message', maxLength: 1600 },
      purpose: {
        type: 'string',
        title: 'What it is about',
        enum: ['service', 'marketing', 'safety'],
        description: 'marketing needs an agreement; safety is told even to who wants to hear nothing, by a person.',
      },
      atOnce: { type: 'boolean', title: 'At any hour' },
    }),
    settings: { title: { text: '{{ input.subject }}: {{ input.customer.name }}' } },
    variables: [
      zone,
      { name: 'opens', type: 'number', initial: 9, description: 'From this hour on customers are written to.' },
      { name: 'closes', type: 'number', initial: 20, description: 'From this hour on they are not, until morning.' },
      { name: 'contact', type: 'string', description: 'The contact in the CRM.' },
      { name: 'channel', type: 'string', initial: 'none' },
    ],
    nodes: [
      { id: 'start', at: { x: 376, y: 0 }, kind: 'start', title: 'Somebody is to be reached' },
      {
        id: 'find',
        at: { x: 376, y: 104 },
        title: 'Find the contact',
        errors: ['invalid'],
        ...action('crm.find_contact', {
          email: { cel: 'input.customer.email' },
          phone: { cel: 'input.customer.phone' },
        }),
      },
      { id: 'nobody', at: { x: 512, y: 240 }, title: 'No address, no number', ...end('unreachable') },
      {
        id: 'known',
        at: { x: 240, y: 224 },
        kind: 'decision',
        title: 'Known in the CRM?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.find.contact != null' } }] },
      },
      {
        id: 'create',
        at: { x: 312, y: 352 },
        title: 'Create the contact',
        ...action('crm.upsert_contact', {
          firstName: { cel: 'input.customer.name' },
          email: { cel: 'input.customer.email' },
          phone: { cel: 'input.customer.phone' },
        }),
      },
      {
        id: 'take',
        at: { x: 240, y: 448 },
        kind: 'set',
        title: 'Take the contact',
        importance: 'minor',
        with: { values: { contact: { cel: 'has(steps.create) ? steps.create.contact : steps.find.contact.id' } } },
      },
      {
        id: 'read',
        at: { x: 240, y: 552 },
        title: 'What did they agree to?',
        ...action('crm.read_contact', { contact }),
      },
      {
        id: 'silent',
        at: { x: 240, y: 648 },
        kind: 'decision',
        title: 'Do they want to hear nothing?',
        with: {
          cases: [{ port: 'yes', title: 'Nothing', when: { cel: 'steps.read.stopped && input.purpose != "safety"' } }],
        },
      },
      {
        id: 'end_silent',
        at: { x: 104, y: 784 },
        title: 'Left in peace',
        ...end('do_not_contact', { contact, channel: 'none' }),
      },
      {
        id: 'hour',
        at: { x: 480, y: 776 },
        kind: 'decision',
        title: 'Is it a decent hour?',
        with: {
          cases: [
            {
              port: 'yes',
              title: 'Yes',
              when: {
                cel: 'run.test || input.atOnce || (now.getHours(vars.zone) >= int(vars.opens) && now.getHours(vars.zone) < int(vars.closes))',
              },
            },
          ],
        },
      },
      {
        id: 'morning',
        at: { x: 480, y: 904 },
        kind: 'wait',
        title: 'Wait for the morning',
        with: {
          for: 'schedule',
          cron: { text: '0 {{ vars.opens }} * * *' },
          zone: { cel: 'vars.zone' },
        },
      },
      {
        id: 'channel',
        at: { x: 472, y: 1000 },
        kind: 'decision',
        title: 'Which way?',
        with: {
          cases: [
            {
              port: 'text',
              title: 'Text',
              when: {
                cel: 'input.sms != null && steps.read.phone != null && (steps.read.mayText == "yes" || (steps.read.mayText == "unknown" && input.purpose == "service"))',
              },
            },
            { port: 'mail', title: 'Mail', when: { cel: 'steps.read.mayMail' } },
          ],
        },
      },
      {
        id: 'text',
        at: { x: 264, y: 1128 },
        title: 'Send a text',
        errors: ['text_refused', 'not_connected'],
        ...action('sms.send', { to: { cel: 'steps.read.phone' }, text: { cel: 'input.sms' } }),
      },
      {
        id: 'mailable',
        at: { x: 304, y: 1248 },
        kind: 'decision',
        title: 'By mail, then?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.read.mayMail' } }] },
      },
      {
        id: 'mail',
        at: { x: 232, y: 1376 },
        title: 'Send a mail',
        errors: ['mail_refused'],
        ...action('mail.send', {
          to: { cel: 'steps.read.email' },
          subject: { cel: 'input.subject' },
          text: { cel: 'input.text' },
        }),
      },
      {
        id: 'by_text',
        at: { x: 0, y: 1264 },
        kind: 'set',
        title: 'It was a text',
        importance: 'minor',
        with: { values: { channel: 'text' } },
      },
      {
        id: 'by_mail',
        at: { x: 208, y: 1504 },
        kind: 'set',
        title: 'It was a mail',
        importance: 'minor',
        with: { values: { channel: 'mail' } },
      },
      {
        id: 'noted',
        at: { x: 80, y: 1600 },
        title: 'Note it in the CRM',
        ...action('crm.add_note', {
          contact,
          text: { text: 'Sent by {{ vars.channel }} ({{ run.name }}): {{ input.subject }}' },
        }),
      },
      {
        id: 'end_sent',
        at: { x: 80, y: 1704 },
        title: 'Written to',
        ...end('sent', { contact, channel: { cel: 'vars.channel' } }),
      },
      {
        id: 'call',
        at: { x: 536, y: 1504 },
        title: 'Let a person call',
        ...action('crm.create_task', {
          contact,
          kind: 'call',
          priority: { cel: 'input.purpose == "safety" ? "high" : "medium"' },
          title: { text: 'Call {{ input.customer.name }}: {{ input.subject }}' },
          text: { cel: 'input.text' },
        }),
      },
      { id: 'end_call', at: { x: 536, y: 1600 }, title: 'To be called', ...end('call', { contact, channel: 'call' }) },
      {
        id: 'why',
        at: { x: 32, y: 0 },
        kind: 'note',
        with: {
          text: 'Offers by text only go to who agreed to them; a number that was never asked is good for service messages alone. Set your time zone and hours in the variables.',
          colour: 'blue',
          width: 260,
          height: 130,
        },
      },
    ],
    edges: lines(
      'start > find > known:yes > take > read > silent:else > hour:yes > channel:text > text > by_text > noted > end_sent',
      'find:error:invalid > nobody',
      'known:else > create > take',
      'silent:yes > end_silent',
      'hour:else > morning > channel:mail > mail > by_mail > noted',
      'channel:else > call > end_call',
      'text:error:text_refused > mailable:yes > mail',
      'text:error:not_connected > mailable:else > call',
      'mail:error:mail_refused > call',
    ),
    groups: [
      { id: 'consent', title: 'May we, and when?', nodes: ['read', 'silent', 'hour', 'morning'], colour: 'blue' },
    ],
  },
}
