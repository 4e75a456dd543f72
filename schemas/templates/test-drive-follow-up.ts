import { action, customer, end, house, lines, message, object, reach, type Template } from './template.ts'

const replied = (most: string) => ({
  kind: 'wait' as const,
  with: {
    for: 'event',
    event: 'customer.replied',
    key: { cel: 'coalesce(input.customer.phone, input.customer.email)' },
    when: { cel: 'has(event.text)' },
    most,
  },
})

/** Thanks after a test drive, a second word that knows whether the car is still there, and then a call. */
export const testDriveFollowUp: Template = {
  handle: 'test-drive-follow-up',
  title: 'Test-drive follow-up',
  purpose:
    'Thanks after a test drive, comes back with the car or one like it, and brings every reply to the salesperson.',
  category: 'sales',
  sample: {
    input: {
      customer: { name: 'Aisha Coleman', email: 'aisha.coleman@example.com', phone: '(512) 555-0158' },
      vehicle: { stock: 'N24003', title: '2025 Toyota Tacoma', make: 'Toyota', model: 'Tacoma' },
      salesperson: 'Marcus Bell',
    },
    pins: { rest: null },
    events: [
      { type: 'customer.replied', key: '(512) 555-0158', data: { text: 'Loved it. What would the payments be?' } },
    ],
    expect: {
      outcome: 'engaged',
      texts: ['(512) 555-0158'],
      tasks: ['Marcus Bell: answer Aisha Coleman about the 2025 Toyota Tacoma'],
    },
  },
  definition: {
    format: 1,
    name: 'Test-drive follow-up',
    description: 'Started when a car comes back from a test drive. Replies come as the event “customer.replied”.',
    input: object({
      customer,
      vehicle: object(
        {
          stock: { type: 'string', title: 'Stock number' },
          title: { type: 'string', title: 'Vehicle' },
          make: { type: 'string', title: 'Make' },
          model: { type: 'string', title: 'Model' },
        },
        [],
        'Car',
      ),
      salesperson: { type: 'string', title: 'Salesperson' },
    }),
    settings: { title: { text: 'Test drive: {{ input.customer.name }}, {{ input.vehicle.title }}' } },
    variables: [
      { name: 'draft', type: 'object' },
      { name: 'said', type: 'string', initial: '' },
    ],
    nodes: [
      { id: 'start', at: { x: 192, y: 0 }, kind: 'start', title: 'Back from the test drive' },
      {
        id: 'rest',
        at: { x: 192, y: 104 },
        kind: 'wait',
        title: 'Let it sink in',
        with: { for: 'duration', duration: '2h' },
      },
      {
        id: 'write',
        at: { x: 192, y: 200 },
        kind: 'ai',
        title: 'Draft the thanks',
        with: {
          name: 'thanks',
          system: `${house} Thank for the test drive, ask what they liked, and offer an answer to any question.`,
          prompt: {
            cel: '{"customer": input.customer.name, "car": input.vehicle.title, "salesperson": input.salesperson}',
          },
          output: message,
        },
      },
      {
        id: 'written',
        at: { x: 56, y: 304 },
        kind: 'set',
        title: 'Take the draft',
        importance: 'minor',
        with: { values: { draft: { cel: 'steps.write.answer' } } },
      },
      {
        id: 'plain',
        at: { x: 328, y: 304 },
        kind: 'set',
        title: 'Take plain words',
        importance: 'minor',
        with: {
          values: {
            draft: {
              subject: { text: 'Your drive in the {{ input.vehicle.title }}' },
              text: {
                text: 'Hello {{ input.customer.name }},\n\nthank you for driving the {{ input.vehicle.title }} with us. What did you like, and what would you like to know?\n\n{{ input.salesperson }}',
              },
              sms: {
                text: 'Thanks for driving the {{ input.vehicle.title }}! Any question? Just answer. {{ input.salesperson }}',
              },
            },
          },
        },
      },
      {
        id: 'thank',
        at: { x: 192, y: 400 },
        title: 'Thank them',
        ...reach({
          subject: { cel: 'vars.draft.subject' },
          text: { cel: 'vars.draft.text' },
          sms: { cel: 'vars.draft.sms' },
        }),
      },
      { id: 'reply', at: { x: 192, y: 504 }, title: 'Do they write?', ...replied('2d') },
      {
        id: 'find',
        at: { x: 264, y: 624 },
        title: 'Is the car still there?',
        ...action('dms.find_vehicles', { stock: { cel: 'input.vehicle.stock' }, most: 1 }),
      },
      {
        id: 'there',
        at: { x: 264, y: 728 },
        kind: 'decision',
        title: 'Still there?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.find.count > 0' } }] },
      },
      {
        id: 'still',
        at: { x: 128, y: 848 },
        title: 'It is still here',
        ...reach({
          purpose: 'marketing',
          subject: { text: 'The {{ input.vehicle.title }} is still here' },
          text: {
            text: 'Hello {{ input.customer.name }},\n\nthe {{ input.vehicle.title }} is still here. Would a second drive help, or figures for it?\n\n{{ input.salesperson }}',
          },
          sms: {
            text: 'The {{ input.vehicle.title }} is still here. A second drive, or figures? {{ input.salesperson }}. STOP to hear no more.',
          },
        }),
      },
      {
        id: 'alike',
        at: { x: 400, y: 848 },
        title: 'What is like it?',
        ...action('dms.find_vehicles', {
          make: { cel: 'input.vehicle.make' },
          model: { cel: 'input.vehicle.model' },
          most: 3,
        }),
      },
      {
        id: 'names',
        at: { x: 400, y: 952 },
        kind: 'aggregate',
        title: 'Name them',
        importance: 'minor',
        with: { items: { cel: 'steps.alike.vehicles' }, way: 'join', of: { cel: 'item.title' }, between: '; ' },
      },
      {
        id: 'other',
        at: { x: 400, y: 1048 },
        title: 'Offer one like it',
        ...reach({
          purpose: 'marketing',
          subject: { text: 'Sold, but not the last {{ input.vehicle.model }}' },
          text: {
            text: 'Hello {{ input.customer.name }},\n\nthe {{ input.vehicle.title }} has found a home. What we have like it: {{ steps.names == "" ? "more are on their way" : steps.names }}. Shall we show you one?\n\n{{ input.salesperson }}',
          },
          sms: null,
        }),
      },
      { id: 'last', at: { x: 264, y: 1152 }, title: 'And now?', ...replied('5d') },
      {
        id: 'said',
        at: { x: 0, y: 1280 },
        kind: 'set',
        title: 'Take the reply',
        importance: 'minor',
        with: { values: { said: { cel: 'steps.reply != null ? steps.reply.text : steps.last.text' } } },
      },
      {
        id: 'task',
        at: { x: 0, y: 1376 },
        title: 'Bring it to the salesperson',
        ...action('crm.create_task', {
          kind: 'call',
          priority: 'high',
          contact: { cel: 'steps.thank.output.contact' },
          title: {
            text: '{{ input.salesperson }}: answer {{ input.customer.name }} about the {{ input.vehicle.title }}',
          },
          text: { text: '“{{ vars.said }}”' },
        }),
      },
      {
        id: 'end_engaged',
        at: { x: 0, y: 1480 },
        title: 'They are talking',
        ...end('engaged', { said: { cel: 'vars.said' } }),
      },
      {
        id: 'call',
        at: { x: 328, y: 1280 },
        title: 'A last call',
        ...action('crm.create_task', {
          kind: 'call',
          priority: 'low',
          contact: { cel: 'steps.thank.output.contact' },
          title: { text: '{{ input.salesperson }}: a last call to {{ input.customer.name }}' },
          text: { text: 'Drove the {{ input.vehicle.title }}, and did not answer two messages.' },
        }),
      },
      { id: 'end_quiet', at: { x: 328, y: 1376 }, title: 'Quiet', ...end('quiet') },
    ],
    edges: lines(
      'start > rest > write > written > thank > reply > said > task > end_engaged',
      'write:error > plain > thank',
      'reply:timeout > find > there:yes > still > last > said',
      'there:else > alike > names > other > last',
      'last:timeout > call > end_quiet',
    ),
  },
}
