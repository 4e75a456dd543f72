import { action, customer, end, lines, object, reach, shape, type Template } from './template.ts'

const car = { text: '{{ input.vehicle.year }} {{ input.vehicle.make }} {{ input.vehicle.model }}' }
const deal = { key: { text: 'trade-in-{{ input.vehicle.vin }}' }, title: { text: `Trade-in ${car.text}` } }
const money = (title: string) => ({ type: 'number', title, minimum: 0 })

/** What a car might be worth is worked out, the used-car manager names the offer, and the customer answers it. */
export const tradeInAppraisal: Template = {
  handle: 'trade-in-appraisal',
  title: 'Trade-in appraisal',
  purpose:
    'Works out what a car is worth, lets the used-car manager name the offer, sends it and books the inspection.',
  category: 'sales',
  sample: {
    input: {
      customer: { name: 'Tom Becker', email: 'tom.becker@example.net', phone: '(512) 555-0142' },
      vehicle: {
        year: 2021,
        make: 'Honda',
        model: 'CR-V',
        vin: '2HKRW2H85MH612345',
        mileage: 48_000,
        condition: 'good',
      },
    },
    decisions: { appraise: { decision: 'approve', values: { offer: 19_500, days: 7 } } },
    events: [
      { type: 'offer.answered', key: '2HKRW2H85MH612345', data: { answer: 'accept', at: '2027-01-09T10:00:00-06:00' } },
    ],
    expect: { outcome: 'accepted', texts: ['(512) 555-0142'], appointments: ['SCHEDULED'] },
  },
  definition: {
    format: 1,
    name: 'Trade-in appraisal',
    description: 'Started by the form of the web site. The answer comes as the event “offer.answered” with the VIN.',
    input: object({
      customer,
      vehicle: object(
        {
          year: { type: 'integer', title: 'Model year' },
          make: { type: 'string', title: 'Make' },
          model: { type: 'string', title: 'Model' },
          vin: { type: 'string', title: 'VIN', minLength: 11, maxLength: 17 },
          mileage: { type: 'integer', title: 'Mileage', minimum: 0 },
          condition: { type: 'string', title: 'Condition', enum: ['poor', 'fair', 'good', 'excellent'] },
        },
        [],
        'Car to trade in',
      ),
    }),
    settings: {
      title: { text: 'Trade-in: {{ input.customer.name }}, {{ input.vehicle.make }} {{ input.vehicle.model }}' },
    },
    variables: [{ name: 'value', type: 'object', description: 'From, to, and why.' }],
    nodes: [
      { id: 'start', at: { x: 272, y: 0 }, kind: 'start', title: 'A car is offered' },
      {
        id: 'look',
        at: { x: 112, y: 104 },
        kind: 'parallel',
        title: 'What do we know of it?',
        with: {
          branches: [
            { port: 'market', title: 'Our lot' },
            { port: 'history', title: 'Our workshop' },
          ],
          until: 'all',
        },
      },
      {
        id: 'alike',
        at: { x: 24, y: 92 },
        within: 'look',
        title: 'What do alike ones cost?',
        ...action('dms.find_vehicles', {
          make: { cel: 'input.vehicle.make' },
          model: { cel: 'input.vehicle.model' },
          condition: 'used',
          most: 10,
        }),
      },
      {
        id: 'seen',
        at: { x: 296, y: 92 },
        within: 'look',
        title: 'Was it in our workshop?',
        continueOnError: true,
        ...action('dms.find_owned_vehicles', { vin: { cel: 'input.vehicle.vin' } }),
      },
      {
        id: 'priced',
        at: { x: 272, y: 328 },
        kind: 'filter',
        title: 'With a price',
        importance: 'minor',
        with: { items: { cel: 'steps.look.branches.market.vehicles' }, keep: { cel: 'item.price != null' } },
      },
      {
        id: 'average',
        at: { x: 272, y: 424 },
        kind: 'aggregate',
        title: 'Their average',
        with: { items: { cel: 'steps.priced' }, way: 'average', of: { cel: 'item.price' } },
      },
      {
        id: 'estimate',
        at: { x: 272, y: 528 },
        kind: 'ai',
        title: 'Estimate the value',
        with: {
          name: 'trade_in_value',
          system:
            'You appraise cars for a dealership. Give the range of a fair trade-in offer in dollars, wholesale minded, and in two sentences why. Without comparable cars say that the range is wide.',
          prompt: {
            cel: '{"car": input.vehicle, "ours": steps.priced, "average": steps.average, "history": steps.look.branches.history}',
          },
          output: shape({
            low: money('From'),
            high: money('To'),
            why: { type: 'string', minLength: 1, maxLength: 600 },
          }),
        },
      },
      {
        id: 'by_model',
        at: { x: 136, y: 624 },
        kind: 'set',
        title: 'Take the estimate',
        importance: 'minor',
        with: { values: { value: { cel: 'steps.estimate.answer' } } },
      },
      {
        id: 'by_rule',
        at: { x: 408, y: 624 },
        kind: 'set',
        title: 'Take a rule of thumb',
        importance: 'minor',
        with: {
          values: {
            value: {
              cel: 'steps.average == null ? {"low": null, "high": null, "why": "Nothing alike stands on our lot to compare it with."} : {"low": round(double(steps.average) * 0.70), "high": round(double(steps.average) * 0.80), "why": "70 to 80 % of what alike ones on our lot cost."}',
            },
          },
        },
      },
      {
        id: 'appraise',
        at: { x: 272, y: 728 },
        kind: 'approval',
        title: 'Name the offer',
        importance: 'major',
        with: {
          ask: {
            text: 'What do we offer for the {{ input.vehicle.year }} {{ input.vehicle.make }} {{ input.vehicle.model }}?',
          },
          show: { car: { cel: 'input.vehicle' }, estimate: { cel: 'vars.value' }, average: { cel: 'steps.average' } },
          form: shape({
            offer: { type: 'number', title: 'Offer in dollars', minimum: 1 },
            days: { type: 'integer', title: 'Good for (days)', minimum: 1, maximum: 30 },
          }),
          assignees: { role: 'admin' },
          escalateTo: { role: 'owner' },
          remindAfter: '30m',
          dueAfter: '4h',
        },
      },
      {
        id: 'decline',
        at: { x: 408, y: 848 },
        title: 'Say no, kindly',
        ...reach({
          subject: { text: `Your ${car.text}` },
          text: {
            text: `Hello {{ input.customer.name }},\n\nthank you for offering us your ${car.text}. At the moment it does not fit our lot.\n\nYour team at the dealership`,
          },
          sms: null,
        }),
      },
      { id: 'end_declined', at: { x: 408, y: 952 }, title: 'Not for us', ...end('declined') },
      {
        id: 'offer',
        at: { x: 136, y: 848 },
        title: 'Send the offer',
        ...reach({
          subject: { text: `Our offer for your ${car.text}` },
          text: {
            text: `Hello {{ input.customer.name }},\n\nfor your ${car.text} we offer \${{ amount(steps.appraise.values.offer) }}, good for {{ steps.appraise.values.days }} days, once we have seen it. Shall we find a time?\n\nYour team at the dealership`,
          },
          sms: {
            text: `We offer \${{ amount(steps.appraise.values.offer) }} for your ${car.text}, good for {{ steps.appraise.values.days }} days. Shall we find a time to look at it?`,
          },
        }),
      },
      {
        id: 'deal',
        at: { x: 136, y: 952 },
        title: 'Write the deal',
        ...action('crm.upsert_deal', {
          ...deal,
          stage: 'presentationscheduled',
          amount: { cel: 'steps.appraise.values.offer' },
          text: { text: '{{ vars.value.why }} Offered by {{ steps.appraise.by.name }}.' },
          contact: { cel: 'steps.offer.output.contact' },
        }),
      },
      {
        id: 'answer',
        at: { x: 136, y: 1048 },
        kind: 'wait',
        title: 'Do they accept?',
        with: {
          for: 'event',
          event: 'offer.answered',
          key: { cel: 'input.vehicle.vin' },
          when: { cel: 'has(event.answer)' },
          most: { text: '{{ steps.appraise.values.days }}d' },
        },
      },
      {
        id: 'accepted',
        at: { x: 24, y: 1176 },
        kind: 'decision',
        title: 'Yes, and when?',
        with: {
          cases: [
            { port: 'yes', title: 'Yes', when: { cel: 'steps.answer.answer == "accept" && has(steps.answer.at)' } },
          ],
        },
      },
      {
        id: 'inspect',
        at: { x: 0, y: 1304 },
        title: 'Book the inspection',
        ...action('dms.book_appointment', {
          kind: 'appraisal',
          at: { cel: 'steps.answer.at' },
          customer: { cel: 'input.customer.name' },
          vehicle: car,
          notes: { text: 'Offered ${{ amount(steps.appraise.values.offer) }}, VIN {{ input.vehicle.vin }}' },
        }),
      },
      {
        id: 'won',
        at: { x: 0, y: 1400 },
        title: 'Move the deal on',
        ...action('crm.upsert_deal', { ...deal, stage: 'decisionmakerboughtin' }),
      },
      {
        id: 'end_accepted',
        at: { x: 0, y: 1504 },
        title: 'Accepted',
        ...end('accepted', {
          offer: { cel: 'steps.appraise.values.offer' },
          appointment: { cel: 'steps.inspect.appointment.id' },
        }),
      },
      {
        id: 'lost',
        at: { x: 272, y: 1304 },
        title: 'Close the deal',
        ...action('crm.upsert_deal', { ...deal, stage: 'closedlost' }),
      },
      { id: 'end_lost', at: { x: 272, y: 1400 }, title: 'Not this time', ...end('lost') },
      {
        id: 'why',
        at: { x: -168, y: 0 },
        kind: 'note',
        with: {
          text: 'The estimate only helps: a person names the number. Without a model, 70 to 80 % of our own prices stand there.',
          width: 240,
          height: 110,
        },
      },
    ],
    edges: lines(
      'start > look > priced > average > estimate > by_model > appraise:approved > offer > deal > answer > accepted:yes > inspect > won > end_accepted',
      'look:market > alike',
      'look:history > seen',
      'estimate:error > by_rule > appraise:rejected > decline > end_declined',
      'answer:timeout > lost',
      'accepted:else > lost > end_lost',
    ),
    groups: [
      { id: 'worth', title: 'What is it worth?', nodes: ['look', 'priced', 'average', 'estimate'], colour: 'blue' },
    ],
  },
}
