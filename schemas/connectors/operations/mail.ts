import { fields, text, type Operation } from '../operation.ts'
import { lead } from './lead.ts'

const sent = fields({ mail: text('Mail', { description: 'Its id in the mail system.' }) })

export const mailOperations = {
  'mail.send_reply': {
    title: 'Send the reply to a lead',
    system: 'mail',
    about: 'Sends the text to the customer of the lead, once per run.',
    queue: 'connectors',
    input: fields({ lead, text: text('Text', { maxLength: 20_000 }) }),
    output: sent,
  },
  'mail.send': {
    title: 'Send a mail',
    system: 'mail',
    about: 'Sends a mail, once per step of a run.',
    queue: 'connectors',
    input: fields({
      to: text('To', { format: 'email' }),
      subject: text('Subject', { maxLength: 250 }),
      text: text('Text', { maxLength: 20_000 }),
    }),
    output: sent,
  },
} as const satisfies Record<string, Operation>
