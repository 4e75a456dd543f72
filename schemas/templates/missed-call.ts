import { action, end, lines, object, reach, shape, type Template } from './template.ts'

/** Who was not answered is texted at once, and called back by a person where they do not write. */
export const missedCall: Template = {
  handle: 'missed-call',
  title: 'Missed-call follow-up',
  purpose: 'Texts a missed caller at once, sums up what they write back, and has somebody call who does not write.',
  category: 'sales',
  sample: {
    input: { phone: '(512) 555-0139', name: 'Priya Raman' },
    events: [
      {
        type: 'customer.replied',
        key: '(512) 555-0139',
        data: { text: 'Is the blue CR-V still there? I could come on Saturday.' },
      },
    ],
    expect: {
      outcome: 'replied',
      texts: ['(512) 555-0139'],
      tasks: ['Answer Priya Raman: wrote after a missed call'],
    },
  },
  definition: {
    format: 1,
    name: 'Missed-call follow-up',
    description: 'Started by the telephone system when nobody picked up. Replies come as the event “customer.replied”.',
    input: object({
      phone: { type: 'string', title: 'Phone', minLength: 7 },
      name: { type: ['string', 'null'], title: 'Name', description: 'Where the telephone system knows it.' },
    }),
    settings: {
      title: { text: 'Missed call: {{ coalesce(input.name, input.phone) }}' },
      concurrency: { key: { cel: 'input.phone' }, policy: 'skip' },
      priority: 1,
    },
    variables: [
      { name: 'summary', type: 'string', initial: '' },
      { name: 'urgent', type: 'boolean', initial: false },
    ],
    nodes: [
      { id: 'start', at: { x: 408, y: 0 }, kind: 'start', title: 'A call was missed' },
      {
        id: 'sorry',
        at: { x: 408, y: 104 },
        title: 'Text at once',
        ...reach({
          customer: { name: { cel: 'coalesce(input.name, input.phone)' }, email: null, phone: { cel: 'input.phone' } },
          subject: 'We missed your call',
          text: 'Hello,\n\nwe missed your call, sorry! Write back what it is about, or we call you within the hour.\n\nYour team at the dealership',
          sms: 'Sorry, we missed your call! Write back what it is about and we take care of it, or we call you within the hour.',
          atOnce: true,
        }),
      },
      {
        id: 'reply',
        at: { x: 160, y: 200 },
        kind: 'wait',
        title: 'Do they write back?',
        with: {
          for: 'event',
          event: 'customer.replied',
          key: { cel: 'input.phone' },
          when: { cel: 'has(event.text)' },
          most: '20m',
        },
      },
      {
        id: 'sum_up',
        at: { x: 136, y: 336 },
        kind: 'ai',
        title: 'Sum up what they want',
        with: {
          name: 'reply_reading',
          system:
            'A customer of a car dealership answers after a missed call. Say in one sentence what they want, and whether it cannot wait.',
          prompt: { cel: '{"comments": steps.reply.text}' },
          output: shape({ summary: { type: 'string', minLength: 1, maxLength: 400 }, urgent: { type: 'boolean' } }),
        },
      },
      {
        id: 'read',
        at: { x: 0, y: 448 },
        kind: 'set',
        title: 'Take the summary',
        importance: 'minor',
        with: {
          values: { summary: { cel: 'steps.sum_up.answer.summary' }, urgent: { cel: 'steps.sum_up.answer.urgent' } },
        },
      },
      {
        id: 'as_written',
        at: { x: 272, y: 448 },
        kind: 'set',
        title: 'Take it as written',
        importance: 'minor',
        with: { values: { summary: { text: '{{ steps.reply.text }}' }, urgent: true } },
      },
      {
        id: 'task',
        at: { x: 136, y: 552 },
        title: 'Give it to sales',
        ...action('crm.create_task', {
          kind: 'call',
          contact: { cel: 'steps.sorry.output.contact' },
          priority: { cel: 'vars.urgent ? "high" : "medium"' },
          title: { text: 'Answer {{ coalesce(input.name, input.phone) }}: wrote after a missed call' },
          text: { text: '{{ vars.summary }}\n\n“{{ steps.reply.text }}”' },
        }),
      },
      {
        id: 'end_replied',
        at: { x: 136, y: 648 },
        title: 'They wrote',
        ...end('replied', { summary: { cel: 'vars.summary' } }),
      },
      {
        id: 'call_back',
        at: { x: 680, y: 328 },
        kind: 'approval',
        title: 'Call them back',
        importance: 'major',
        with: {
          ask: { text: 'Call {{ coalesce(input.name, input.phone) }} back' },
          show: { phone: { cel: 'input.phone' }, name: { cel: 'input.name' } },
          form: shape(
            {
              result: { type: 'string', title: 'Result', enum: ['reached', 'voicemail'] },
              note: { type: 'string', title: 'What they want' },
            },
            ['note'],
          ),
          assignees: { role: 'operator' },
          escalateTo: { role: 'admin' },
          remindAfter: '20m',
          dueAfter: '40m',
        },
      },
      {
        id: 'end_called',
        at: { x: 544, y: 448 },
        title: 'Called back',
        ...end('called_back', { result: { cel: 'steps.call_back.values' } }),
      },
      {
        id: 'end_wrong',
        at: { x: 816, y: 448 },
        title: 'Not called',
        ...end('not_called', { why: { cel: 'steps.call_back.note' } }),
      },
      {
        id: 'why',
        at: { x: 88, y: 0 },
        kind: 'note',
        with: {
          text: 'Approve once you have called. Reject a number that is wrong or that nobody should call. After 40 minutes a manager has it.',
          width: 240,
          height: 110,
        },
      },
    ],
    edges: lines(
      'start > sorry > reply > sum_up > read > task > end_replied',
      'sum_up:error > as_written > task',
      'sorry:error > call_back',
      'reply:timeout > call_back:approved > end_called',
      'call_back:rejected > end_wrong',
    ),
  },
}
