import { action, customer, end, lines, object, reach, shape, type Template } from './template.ts'

const key = { cel: 'coalesce(input.customer.phone, input.customer.email)' }

/** Everybody is asked how it was and for a review; who was not happy is called by a manager besides. */
export const reviewRequest: Template = {
  handle: 'review-request',
  title: 'Review request',
  purpose: 'Asks how it was, has a manager call whoever was not happy, and asks everybody for a public review.',
  category: 'customers',
  sample: {
    input: {
      customer: { name: 'Daniel Nguyen', email: 'dan.nguyen@example.org', phone: '(512) 555-0163' },
      about: 'your new Ford Mustang',
    },
    pins: { settle: null },
    events: [{ type: 'survey.answered', key: '(512) 555-0163', data: { rating: 2, text: 'Waited an hour.' } }],
    decisions: { recover: { decision: 'approve', values: { promised: 'A free first service.' } } },
    expect: { outcome: 'asked', texts: ['(512) 555-0163', '(512) 555-0163'] },
  },
  definition: {
    format: 1,
    name: 'Review request',
    description: 'Started after a sale or a service. The answer comes as the event “survey.answered”: rating 1 to 5.',
    input: object({ customer, about: { type: 'string', title: 'About what', maxLength: 120 } }),
    settings: {
      title: { text: 'Review: {{ input.customer.name }}' },
      concurrency: { key, policy: 'skip' },
      priority: 4,
    },
    variables: [
      {
        name: 'link',
        type: 'string',
        initial: 'https://northstar-motors.example/review',
        description: 'Where reviews are written.',
      },
    ],
    nodes: [
      { id: 'start', at: { x: 496, y: 0 }, kind: 'start', title: 'Sold or served' },
      {
        id: 'settle',
        at: { x: 496, y: 104 },
        kind: 'wait',
        title: 'Let three days pass',
        with: { for: 'duration', duration: '3d' },
      },
      {
        id: 'ask',
        at: { x: 496, y: 200 },
        title: 'How was it?',
        ...reach({
          subject: 'How was it?',
          text: {
            text: 'Hello {{ input.customer.name }},\n\nhow was it with {{ input.about }}? Answer with a number from 1 (poor) to 5 (great), and tell us why if you like.\n\nYour team at the dealership',
          },
          sms: { text: 'How was it with {{ input.about }}? Answer 1 (poor) to 5 (great). Your team at the dealership' },
        }),
      },
      {
        id: 'reached',
        at: { x: 496, y: 304 },
        kind: 'decision',
        title: 'Were they asked?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.ask.outcome == "sent"' } }] },
      },
      { id: 'end_not', at: { x: 712, y: 440 }, title: 'Not asked', ...end('not_asked') },
      {
        id: 'answer',
        at: { x: 440, y: 432 },
        kind: 'wait',
        title: 'Wait for the answer',
        with: { for: 'event', event: 'survey.answered', key, when: { cel: 'has(event.rating)' }, most: '7d' },
      },
      {
        id: 'happy',
        at: { x: 0, y: 560 },
        kind: 'decision',
        title: 'Happy?',
        with: { cases: [{ port: 'yes', title: 'Four or five', when: { cel: 'double(steps.answer.rating) >= 4.0' } }] },
      },
      {
        id: 'recover',
        at: { x: 144, y: 688 },
        kind: 'approval',
        title: 'Call and put it right',
        importance: 'major',
        with: {
          ask: { text: '{{ input.customer.name }} gave {{ steps.answer.rating }} of 5: call and put it right' },
          show: { customer: { cel: 'input.customer' }, answer: { cel: 'steps.answer' }, about: { cel: 'input.about' } },
          form: shape({ promised: { type: 'string', title: 'What was promised', maxLength: 1000 } }, ['promised']),
          assignees: { role: 'admin' },
          escalateTo: { role: 'owner' },
          remindAfter: '2h',
          dueAfter: '4h',
        },
      },
      {
        id: 'noted',
        at: { x: 88, y: 952 },
        title: 'Note what was promised',
        ...action('crm.add_note', {
          contact: { cel: 'steps.ask.output.contact' },
          text: {
            text: 'Rated {{ steps.answer.rating }} of 5; {{ steps.recover.by.name }} called. Promised: {{ has(steps.recover.values.promised) ? steps.recover.values.promised : "nothing" }}',
          },
        }),
      },
      {
        id: 'stop',
        at: { x: 360, y: 816 },
        title: 'Leave them in peace',
        ...action('crm.stop_contact', {
          contact: { cel: 'steps.ask.output.contact' },
          why: { text: 'After a rating of {{ steps.answer.rating }} of 5. {{ coalesce(steps.recover.note, "") }}' },
        }),
      },
      { id: 'end_stopped', at: { x: 360, y: 912 }, title: 'In peace', ...end('stopped') },
      {
        id: 'review',
        at: { x: 496, y: 1088 },
        title: 'Ask for a review',
        ...reach({
          subject: 'Would you tell others?',
          text: {
            text: 'Hello {{ input.customer.name }},\n\nwould you tell others how it was? Here: {{ vars.link }}\n\nThank you,\nyour team at the dealership',
          },
          sms: { text: 'Would you tell others how it was? {{ vars.link }} Thank you!' },
        }),
      },
      { id: 'end_asked', at: { x: 496, y: 1192 }, title: 'Asked', ...end('asked') },
      {
        id: 'why',
        at: { x: 176, y: 0 },
        kind: 'note',
        with: {
          text: 'Everybody gets the link, happy or not: asking only the happy ones is against the rules of the review sites and of the FTC.',
          colour: 'red',
          width: 240,
          height: 110,
        },
      },
    ],
    edges: lines(
      'start > settle > ask > reached:yes > answer > happy:yes > review > end_asked',
      'reached:else > end_not',
      'answer:timeout > review',
      'happy:else > recover:approved > noted > review',
      'recover:rejected > stop > end_stopped',
    ),
  },
}
