import { fields, text, type Operation } from '../operation.ts'

export const smsOperations = {
  'sms.send': {
    title: 'Send a text message',
    system: 'sms',
    about: 'Texts a mobile phone. The same words go to one number once a day, however often they are sent.',
    queue: 'connectors',
    input: fields({
      to: text('To', { description: 'A mobile number.', minLength: 7, maxLength: 32 }),
      text: text('Text', { maxLength: 1600 }),
    }),
    output: fields({ message: text('Message', { description: 'Its id in the text message system.' }) }),
  },
} as const satisfies Record<string, Operation>
