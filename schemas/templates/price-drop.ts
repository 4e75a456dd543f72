import { action, end, house, lines, message, object, reach, type Template } from './template.ts'

/** Who asked about a car hears that it costs less now, once a person has read the words. */
export const priceDrop: Template = {
  handle: 'price-drop',
  title: 'Price-drop notice',
  purpose: 'Tells everybody with an open deal on a car that it costs less now, in words that a person has read.',
  category: 'stock',
  sample: {
    input: { stock: 'N24007', was: 39_900 },
    decisions: { approve: { decision: 'approve' } },
    expect: { outcome: 'told', texts: ['(512) 555-0158', '(512) 555-0163'] },
  },
  definition: {
    format: 1,
    name: 'Price-drop notice',
    description: 'Started when the price of a car in stock falls, by the DMS or by “Aged inventory”.',
    input: object({
      stock: { type: 'string', title: 'Stock number' },
      was: { type: 'number', title: 'Price before', minimum: 0 },
    }),
    settings: {
      title: { text: 'Price drop: {{ input.stock }}' },
      concurrency: { key: { cel: 'input.stock' }, policy: 'latest' },
    },
    variables: [
      {
        name: 'least',
        type: 'number',
        initial: 300,
        description: 'A smaller drop is not worth a message, in dollars.',
      },
      { name: 'car', type: 'object' },
      { name: 'draft', type: 'object' },
    ],
    nodes: [
      { id: 'start', at: { x: 272, y: 0 }, kind: 'start', title: 'A price falls' },
      {
        id: 'find',
        at: { x: 272, y: 104 },
        title: 'Is it still there?',
        ...action('dms.find_vehicles', { stock: { cel: 'input.stock' }, most: 1 }),
      },
      {
        id: 'there',
        at: { x: 264, y: 200 },
        kind: 'decision',
        title: 'Worth a message?',
        with: {
          cases: [
            {
              port: 'gone',
              title: 'Sold',
              when: { cel: 'steps.find.count == 0 || steps.find.vehicles[0].price == null' },
            },
            {
              port: 'small',
              title: 'Too little',
              when: { cel: 'input.was - double(steps.find.vehicles[0].price) < vars.least' },
            },
          ],
        },
      },
      { id: 'end_gone', at: { x: 0, y: 328 }, title: 'Sold meanwhile', ...end('gone') },
      { id: 'end_small', at: { x: 272, y: 328 }, title: 'Not worth it', ...end('too_small') },
      {
        id: 'car',
        at: { x: 544, y: 328 },
        kind: 'set',
        title: 'Take the car',
        importance: 'minor',
        with: { values: { car: { cel: 'steps.find.vehicles[0]' } } },
      },
      {
        id: 'deals',
        at: { x: 544, y: 424 },
        title: 'Who waits for it?',
        ...action('crm.find_deals', { words: { cel: 'input.stock' }, most: 50 }),
      },
      {
        id: 'waiting',
        at: { x: 544, y: 528 },
        kind: 'filter',
        title: 'Only with a contact',
        importance: 'minor',
        with: { items: { cel: 'steps.deals.deals' }, keep: { cel: 'item.email != null || item.phone != null' } },
      },
      {
        id: 'any',
        at: { x: 544, y: 624 },
        kind: 'decision',
        title: 'Anybody?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'size(steps.waiting) > 0' } }] },
      },
      { id: 'end_nobody', at: { x: 680, y: 752 }, title: 'Nobody waits', ...end('nobody') },
      {
        id: 'write',
        at: { x: 408, y: 752 },
        kind: 'ai',
        title: 'Draft the notice',
        with: {
          name: 'price_notice',
          system: `${house} Tell that the car costs less now: name both prices and nothing else that is a promise.`,
          prompt: { cel: '{"vehicle": vars.car, "was": input.was}' },
          output: message,
        },
      },
      {
        id: 'written',
        at: { x: 272, y: 848 },
        kind: 'set',
        title: 'Take the draft',
        importance: 'minor',
        with: { values: { draft: { cel: 'steps.write.answer' } } },
      },
      {
        id: 'plain',
        at: { x: 544, y: 848 },
        kind: 'set',
        title: 'Take plain words',
        importance: 'minor',
        with: {
          values: {
            draft: {
              subject: { text: '{{ vars.car.title }}: now ${{ amount(vars.car.price) }}' },
              text: {
                text: 'Hello,\n\nthe {{ vars.car.title }} that you asked about costs ${{ amount(vars.car.price) }} now, instead of ${{ amount(input.was) }}. Shall we keep it for you for a day?\n\nYour team at the dealership',
              },
              sms: {
                text: 'The {{ vars.car.title }} costs ${{ amount(vars.car.price) }} now (was ${{ amount(input.was) }}). Still interested? STOP to hear no more.',
              },
            },
          },
        },
      },
      {
        id: 'approve',
        at: { x: 400, y: 952 },
        kind: 'approval',
        title: 'Approve the words',
        with: {
          ask: {
            text: 'Tell everybody who waits for it ({{ size(steps.waiting) }}) that the {{ vars.car.title }} costs less?',
          },
          text: { cel: 'vars.draft.text' },
          show: { car: { cel: 'vars.car' }, was: { cel: 'input.was' }, sms: { cel: 'vars.draft.sms' } },
          assignees: { role: 'operator' },
          escalateTo: { role: 'admin' },
          remindAfter: '2h',
          dueAfter: '1d',
          onDue: 'expire',
        },
      },
      { id: 'end_rejected', at: { x: 536, y: 1136 }, title: 'Not sent', ...end('rejected') },
      {
        id: 'each',
        at: { x: 216, y: 1080 },
        kind: 'loop',
        title: 'For each deal',
        with: {
          over: 'items',
          items: { cel: 'steps.waiting' },
          concurrency: 5,
          onFailure: 'collect',
          collect: { cel: '{"deal": item.id, "outcome": steps.tell.outcome}' },
        },
      },
      {
        id: 'tell',
        at: { x: 24, y: 92 },
        within: 'each',
        title: 'Tell them',
        ...reach({
          customer: {
            name: { cel: 'coalesce(item.name, item.title)' },
            email: { cel: 'item.email' },
            phone: { cel: 'item.phone' },
          },
          purpose: 'marketing',
          subject: { cel: 'vars.draft.subject' },
          text: { cel: 'coalesce(steps.approve.text, vars.draft.text)' },
          sms: { cel: 'vars.draft.sms' },
        }),
      },
      {
        id: 'end_told',
        at: { x: 240, y: 1304 },
        title: 'All told',
        ...end('told', { told: { cel: 'size(steps.each)' } }),
      },
    ],
    edges: lines(
      'start > find > there:else > car > deals > waiting > any:yes > write > written > approve:approved > each > end_told',
      'there:gone > end_gone',
      'there:small > end_small',
      'any:else > end_nobody',
      'write:error > plain > approve:rejected > end_rejected',
      'approve:expired > end_rejected',
      'each:each > tell',
    ),
  },
}
