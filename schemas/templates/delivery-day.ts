import { action, customer, end, lines, object, reach, shape, zone, type Template } from './template.ts'

const holder = { stock: { cel: 'input.vehicle.stock' }, for: { cel: 'input.deal.number' } }
const when = '{{ day(input.at, vars.zone) }} at {{ time(input.at, vars.zone) }}'
const task = (title: string, text: string, contact = {}) =>
  action('crm.create_task', { priority: 'high', title: { text: title }, text: { text }, ...contact })

/** Car, papers and customer are made ready side by side; a person hands over, and the deal is closed. */
export const deliveryDay: Template = {
  handle: 'delivery-day',
  title: 'Delivery day',
  purpose:
    'Gets car, papers and customer ready side by side, has a person hand over, closes the deal and asks for a review.',
  category: 'customers',
  sample: {
    input: {
      deal: { number: 'D-4712', title: 'Raman, 2026 Honda Pilot' },
      customer: { name: 'Priya Raman', email: 'priya.raman@example.org', phone: '(512) 555-0139' },
      vehicle: { stock: 'N24008', title: '2026 Honda Pilot' },
      at: '2027-01-15T15:00:00-06:00',
    },
    pins: { day_before: null },
    events: [
      { type: 'papers.ready', key: 'D-4712', data: { complete: true } },
      { type: 'delivery.answered', key: 'D-4712', data: { answer: 'yes' } },
    ],
    decisions: {
      clean: { decision: 'approve', values: { washed: true, fuelled: true, plates: true } },
      hand_over: { decision: 'approve', values: { mileage: 12 } },
    },
    expect: { outcome: 'delivered', texts: ['(512) 555-0139'] },
  },
  definition: {
    format: 1,
    name: 'Delivery day',
    description:
      'Started when a delivery is agreed. Events: “papers.ready” and “delivery.answered” with the deal number.',
    input: object({
      deal: object(
        { number: { type: 'string', title: 'Number' }, title: { type: 'string', title: 'Title' } },
        [],
        'Deal',
      ),
      customer,
      vehicle: object(
        { stock: { type: 'string', title: 'Stock number' }, title: { type: 'string', title: 'Vehicle' } },
        [],
        'Car',
      ),
      at: { type: 'string', title: 'Handed over at', format: 'date-time' },
    }),
    settings: {
      title: { text: 'Delivery: {{ input.deal.title }}' },
      concurrency: { key: { cel: 'input.deal.number' }, policy: 'latest' },
      priority: 2,
    },
    variables: [{ name: 'contact', type: 'string', description: 'The customer in the CRM.' }, zone],
    nodes: [
      { id: 'start', at: { x: 504, y: 0 }, kind: 'start', title: 'A delivery is agreed' },
      {
        id: 'hold',
        at: { x: 504, y: 104 },
        title: 'Hold the car',
        ...action('dms.hold_vehicle', holder),
        undo: { operation: 'dms.release_vehicle', input: holder, title: 'Release the car', after: 'begun' },
      },
      {
        id: 'day_before',
        at: { x: 504, y: 200 },
        kind: 'wait',
        title: 'Until a day before',
        with: { for: 'until', until: { cel: 'timestamp(input.at) - duration("24h")' } },
      },
      {
        id: 'prepare',
        at: { x: 0, y: 304 },
        kind: 'parallel',
        title: 'Make ready',
        errors: ['delivery_moved'],
        with: {
          branches: [
            { port: 'car', title: 'The car' },
            { port: 'papers', title: 'The papers' },
            { port: 'customer', title: 'The customer' },
          ],
          until: 'all',
        },
      },
      {
        id: 'clean',
        at: { x: 160, y: 92 },
        within: 'prepare',
        kind: 'approval',
        title: 'Is the car ready?',
        with: {
          ask: { text: 'Make the {{ input.vehicle.title }} ({{ input.vehicle.stock }}) ready' },
          show: { at: { cel: 'input.at' }, customer: { cel: 'input.customer.name' } },
          form: shape({
            washed: { type: 'boolean', title: 'Washed and detailed' },
            fuelled: { type: 'boolean', title: 'Fuelled or charged' },
            plates: { type: 'boolean', title: 'Plates on' },
          }),
          assignees: { role: 'operator' },
          escalateTo: { role: 'admin' },
          remindAfter: '6h',
          dueAfter: '16h',
        },
      },
      {
        id: 'not_clean',
        at: { x: 296, y: 228 },
        within: 'prepare',
        kind: 'raise',
        title: 'The car is not ready',
        with: { code: 'delivery_moved', message: 'The car cannot be made ready.' },
      },
      {
        id: 'ticked',
        at: { x: 24, y: 220 },
        within: 'prepare',
        kind: 'decision',
        title: 'Everything ticked?',
        with: {
          cases: [
            {
              port: 'no',
              title: 'Not all',
              when: { cel: '!(steps.clean.values.washed && steps.clean.values.fuelled && steps.clean.values.plates)' },
            },
          ],
        },
      },
      {
        id: 'finish',
        at: { x: 24, y: 356 },
        within: 'prepare',
        title: 'Task: finish the car',
        ...task('Finish the {{ input.vehicle.title }}', `Ready on ${when}: wash, fuel and plates.`),
      },
      {
        id: 'papers',
        at: { x: 568, y: 92 },
        within: 'prepare',
        kind: 'wait',
        title: 'Papers complete',
        with: { for: 'event', event: 'papers.ready', key: { cel: 'input.deal.number' }, most: '16h' },
      },
      {
        id: 'chase',
        at: { x: 568, y: 228 },
        within: 'prepare',
        title: 'Task for finance',
        ...task('Papers of {{ input.deal.title }}', `Not complete; handed over on ${when}.`),
      },
      {
        id: 'tell',
        at: { x: 840, y: 108 },
        within: 'prepare',
        title: 'Tell the customer',
        ...reach({
          subject: 'Tomorrow is the day',
          text: {
            text: `Hello {{ input.customer.name }},\n\nyour {{ input.vehicle.title }} is waiting for you on ${when}. Please bring your licence and proof of insurance. Does the time suit you? Answer yes or no.\n\nYour team at the dealership`,
          },
          sms: {
            text: `Your {{ input.vehicle.title }} is waiting for you on ${when}. Bring licence and insurance. Answer YES or NO.`,
          },
        }),
      },
      {
        id: 'met',
        at: { x: 840, y: 228 },
        within: 'prepare',
        kind: 'set',
        title: 'Take the contact',
        importance: 'minor',
        with: { values: { contact: { cel: 'steps.tell.output.contact' } } },
      },
      {
        id: 'answer',
        at: { x: 840, y: 340 },
        within: 'prepare',
        kind: 'wait',
        title: 'Do they come?',
        with: {
          for: 'event',
          event: 'delivery.answered',
          key: { cel: 'input.deal.number' },
          when: { cel: 'has(event.answer)' },
          most: '8h',
        },
      },
      {
        id: 'comes',
        at: { x: 704, y: 468 },
        within: 'prepare',
        kind: 'decision',
        title: 'They come?',
        with: { cases: [{ port: 'no', title: 'No', when: { cel: 'steps.answer.answer == "no"' } }] },
      },
      {
        id: 'another_day',
        at: { x: 704, y: 588 },
        within: 'prepare',
        kind: 'raise',
        title: 'Another day',
        with: { code: 'delivery_moved', message: 'The customer wants another day.' },
      },
      {
        id: 'call',
        at: { x: 976, y: 476 },
        within: 'prepare',
        title: 'Let somebody call',
        ...task(
          'Call {{ input.customer.name }}: delivery tomorrow',
          `Did not answer. {{ input.vehicle.title }}, ${when}.`,
          { kind: 'call', contact: { cel: 'steps.tell.output.contact' } },
        ),
      },
      {
        id: 'hand_over',
        at: { x: 384, y: 1048 },
        kind: 'approval',
        title: 'Hand over',
        importance: 'major',
        with: {
          ask: { text: 'Hand the {{ input.vehicle.title }} over to {{ input.customer.name }}' },
          show: { deal: { cel: 'input.deal' }, at: { cel: 'input.at' } },
          form: shape({ mileage: { type: 'integer', title: 'Mileage', minimum: 0 } }),
          assignees: { role: 'operator' },
          escalateTo: { role: 'admin' },
          remindAfter: '1d',
          dueAfter: '30h',
        },
      },
      {
        id: 'keep',
        at: { x: 368, y: 1168 },
        kind: 'compensate',
        title: 'The car is theirs',
        importance: 'minor',
        with: { do: 'keep' },
      },
      {
        id: 'close',
        at: { x: 368, y: 1272 },
        title: 'Close the deal',
        ...action('crm.upsert_deal', {
          key: { cel: 'input.deal.number' },
          title: { cel: 'input.deal.title' },
          stage: 'closedwon',
          contact: { cel: 'vars.contact' },
        }),
      },
      {
        id: 'review',
        at: { x: 368, y: 1368 },
        kind: 'subflow',
        title: 'Review request',
        with: {
          automation: 'review-request',
          input: { customer: { cel: 'input.customer' }, about: { text: 'your new {{ input.vehicle.title }}' } },
          wait: false,
        },
      },
      {
        id: 'end_delivered',
        at: { x: 368, y: 1472 },
        title: 'Delivered',
        ...end('delivered', { mileage: { cel: 'steps.hand_over.values.mileage' } }),
      },
      {
        id: 'undo',
        at: { x: 640, y: 1168 },
        kind: 'compensate',
        title: 'Release the car',
        with: { do: 'undo', why: 'The delivery is put off.' },
      },
      {
        id: 'again',
        at: { x: 640, y: 1272 },
        title: 'Task: a new day',
        ...task('New day for {{ input.deal.title }}', `The delivery on ${when} is put off.`),
      },
      { id: 'end_put_off', at: { x: 640, y: 1368 }, title: 'Put off', ...end('put_off') },
    ],
    edges: lines(
      'start > hold > day_before > prepare > hand_over:approved > keep > close > review > end_delivered',
      'prepare:car > clean:approved > ticked:no > finish',
      'clean:rejected > not_clean',
      'prepare:papers > papers:timeout > chase',
      'prepare:customer > tell > met > answer > comes:no > another_day',
      'answer:timeout > call',
      'prepare:error:delivery_moved > undo',
      'hand_over:rejected > undo > again > end_put_off',
    ),
  },
}
