import { action, customer, end, lines, object, reach, type Template } from './template.ts'

const holder = { stock: { cel: 'input.stock' }, for: { cel: 'input.deal.number' } }
const missing = '{{ vars.missing.map(one, string(one)).join(", ") }}'
const ask = (subject: string) =>
  reach({
    subject,
    text: {
      text: `Hello {{ input.customer.name }},\n\nso that your contract can be signed we still need: ${missing}. A photo is enough; please do not send them by mail, use the link of your finance manager.\n\nYour finance team`,
    },
    sms: { text: `For your contract we still need: ${missing}. Please use the secure link of your finance manager.` },
  })
const stage = (name: string) =>
  action('crm.upsert_deal', {
    key: { cel: 'input.deal.number' },
    title: { cel: 'input.deal.title' },
    stage: name,
  })

/** The vehicle is held while papers come in one by one; when they do not, the finance manager extends or unwinds. */
export const financeDocuments: Template = {
  handle: 'finance-documents',
  title: 'Finance document chase',
  purpose: 'Holds the car, asks for missing papers until all are there, and lets the finance manager extend or unwind.',
  category: 'sales',
  sample: {
    input: {
      deal: { number: 'D-4711', title: 'Whitfield, 2026 Ford Escape' },
      customer: { name: 'James Whitfield', email: 'j.whitfield@example.com', phone: '(512) 555-0127' },
      stock: 'N24010',
      documents: ['Proof of income', 'Proof of insurance'],
    },
    events: [
      { type: 'document.received', key: 'D-4711', data: { document: 'Proof of insurance' } },
      { type: 'document.received', key: 'D-4711', data: { document: 'Proof of income' } },
    ],
    expect: { outcome: 'complete', texts: ['(512) 555-0127'] },
  },
  definition: {
    format: 1,
    name: 'Finance document chase',
    description:
      'Started when a deal goes to finance. Each paper comes as the event “document.received” with the deal.',
    input: object({
      deal: object(
        { number: { type: 'string', title: 'Number' }, title: { type: 'string', title: 'Title' } },
        [],
        'Deal',
      ),
      customer,
      stock: { type: 'string', title: 'Stock number of the car' },
      documents: {
        type: 'array',
        title: 'Papers that are missing',
        items: { type: 'string' },
        minItems: 1,
        maxItems: 20,
      },
    }),
    settings: {
      title: { text: 'Papers: {{ input.deal.title }}' },
      concurrency: { key: { cel: 'input.deal.number' }, policy: 'skip' },
    },
    variables: [
      { name: 'missing', type: 'list', initial: [] },
      { name: 'reminders', type: 'number', initial: 0 },
    ],
    nodes: [
      { id: 'start', at: { x: 272, y: 0 }, kind: 'start', title: 'A deal goes to finance' },
      {
        id: 'hold',
        at: { x: 272, y: 104 },
        title: 'Hold the car',
        ...action('dms.hold_vehicle', holder),
        undo: { operation: 'dms.release_vehicle', input: holder, title: 'Release the car', after: 'begun' },
      },
      {
        id: 'all',
        at: { x: 272, y: 200 },
        kind: 'set',
        title: 'All are missing',
        importance: 'minor',
        with: { values: { missing: { cel: 'input.documents' } } },
      },
      { id: 'ask', at: { x: 272, y: 304 }, title: 'Ask for them', ...ask('Your papers') },
      {
        id: 'chase',
        at: { x: 112, y: 400 },
        kind: 'loop',
        title: 'Until all are there',
        with: {
          over: 'while',
          while: { cel: 'size(vars.missing) > 0 && vars.reminders < 3.0' },
          most: 30,
        },
      },
      {
        id: 'came',
        at: { x: 160, y: 92 },
        within: 'chase',
        kind: 'wait',
        title: 'A paper comes',
        with: {
          for: 'event',
          event: 'document.received',
          key: { cel: 'input.deal.number' },
          when: { cel: 'has(event.document) && event.document in vars.missing' },
          most: '2d',
        },
      },
      {
        id: 'strike',
        at: { x: 24, y: 220 },
        within: 'chase',
        kind: 'set',
        title: 'Strike it off',
        importance: 'minor',
        with: { values: { missing: { cel: 'vars.missing.filter(one, one != steps.came.document)' } } },
      },
      {
        id: 'remind',
        at: { x: 296, y: 220 },
        within: 'chase',
        title: 'Remind',
        ...ask('Your papers are still missing'),
      },
      {
        id: 'count',
        at: { x: 296, y: 316 },
        within: 'chase',
        kind: 'set',
        title: 'Count it',
        importance: 'minor',
        with: { values: { reminders: { cel: 'vars.reminders + 1.0' } } },
      },
      {
        id: 'complete',
        at: { x: 272, y: 848 },
        kind: 'decision',
        title: 'All there?',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'size(vars.missing) == 0' } }] },
      },
      {
        id: 'keep',
        at: { x: 0, y: 984 },
        kind: 'compensate',
        title: 'The car stays held',
        importance: 'minor',
        with: { do: 'keep' },
      },
      { id: 'ready', at: { x: 0, y: 1096 }, title: 'Ready to be signed', ...stage('contractsent') },
      { id: 'end_complete', at: { x: 0, y: 1200 }, title: 'Complete', ...end('complete') },
      {
        id: 'manager',
        at: { x: 408, y: 976 },
        kind: 'approval',
        title: 'Extend or unwind?',
        importance: 'major',
        with: {
          ask: { text: '{{ input.deal.title }}: papers are missing after three reminders. Go on?' },
          show: {
            missing: { cel: 'vars.missing' },
            customer: { cel: 'input.customer' },
            stock: { cel: 'input.stock' },
          },
          assignees: { role: 'admin' },
          escalateTo: { role: 'owner' },
          remindAfter: '4h',
          dueAfter: '1d',
        },
      },
      {
        id: 'keep_on',
        at: { x: 272, y: 1096 },
        kind: 'compensate',
        title: 'The car stays held',
        importance: 'minor',
        with: { do: 'keep' },
      },
      {
        id: 'call',
        at: { x: 272, y: 1200 },
        title: 'Let finance call',
        ...action('crm.create_task', {
          kind: 'call',
          priority: 'high',
          contact: { cel: 'steps.ask.output.contact' },
          title: { text: 'Get the papers of {{ input.customer.name }}' },
          text: { text: `Still missing: ${missing}` },
        }),
      },
      {
        id: 'end_extended',
        at: { x: 272, y: 1296 },
        title: 'Extended',
        ...end('extended', { missing: { cel: 'vars.missing' } }),
      },
      {
        id: 'unwind',
        at: { x: 544, y: 1096 },
        kind: 'compensate',
        title: 'Release the car',
        with: { do: 'undo', why: { text: 'Papers missing: {{ coalesce(steps.manager.note, "unwound") }}' } },
      },
      { id: 'lost', at: { x: 544, y: 1200 }, title: 'Close the deal', ...stage('closedlost') },
      {
        id: 'end_unwound',
        at: { x: 544, y: 1296 },
        title: 'Unwound',
        ...end('unwound', { missing: { cel: 'vars.missing' } }),
      },
      {
        id: 'why',
        at: { x: -48, y: 0 },
        kind: 'note',
        with: {
          text: 'The car is released again by itself where the run fails or is cancelled. Papers with personal data never travel by mail or text.',
          colour: 'blue',
          width: 240,
          height: 120,
        },
      },
    ],
    edges: lines(
      'start > hold > all > ask > chase > complete:yes > keep > ready > end_complete',
      'chase:each > came > strike',
      'came:timeout > remind > count',
      'complete:else > manager:approved > keep_on > call > end_extended',
      'manager:rejected > unwind > lost > end_unwound',
    ),
  },
}
