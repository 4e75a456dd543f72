import { action, end, lines, object, reach, zone, type Template } from './template.ts'

const owner = {
  name: { cel: 'item.owner.name' },
  email: { cel: 'item.owner.email' },
  phone: { cel: 'item.owner.phone' },
}
const booked = (most: string) => ({
  kind: 'wait' as const,
  with: {
    for: 'event',
    event: 'service.booked',
    key: { cel: 'item.owner.id' },
    when: { cel: 'has(event.at)' },
    most,
  },
})

/** Cars that were not in the workshop for long: their owners are invited, once more after a while, then called. */
export const serviceDue: Template = {
  handle: 'service-due',
  title: 'Service due',
  purpose: 'Invites owners whose car was not in the workshop for long, books who answers, and has the rest called.',
  category: 'service',
  sample: {
    input: { days: 180, most: 3 },
    pins: { answer: { at: '2027-01-12T09:00:00-06:00' } },
    expect: {
      outcome: 'done',
      mails: ['service@northstar-motors.example'],
      texts: ['(512) 555-0114', '(512) 555-0139', '(512) 555-0158'],
      appointments: ['SCHEDULED', 'SCHEDULED', 'SCHEDULED'],
    },
  },
  definition: {
    format: 1,
    name: 'Service due',
    description: 'Run once a month. Who books is told by the event “service.booked” with the customer as its key.',
    input: object({
      days: { type: 'integer', title: 'Not seen for (days)', minimum: 30, default: 180 },
      most: { type: 'integer', title: 'How many at most', minimum: 1, maximum: 500, default: 100 },
    }),
    settings: { title: 'Service due', concurrency: { policy: 'skip' } },
    variables: [
      {
        name: 'manager',
        type: 'string',
        initial: 'service@northstar-motors.example',
        description: 'Who gets the report.',
      },
      zone,
    ],
    nodes: [
      { id: 'start', at: { x: 376, y: 0 }, kind: 'start', title: 'Once a month' },
      {
        id: 'find',
        at: { x: 376, y: 104 },
        title: 'Whose car is due?',
        ...action('dms.find_owned_vehicles', { notSeenFor: { cel: 'input.days' }, most: { cel: 'input.most' } }),
      },
      {
        id: 'reachable',
        at: { x: 376, y: 200 },
        kind: 'filter',
        title: 'Only who can be reached',
        with: {
          items: { cel: 'steps.find.vehicles' },
          keep: { cel: 'item.owner.email != null || item.owner.phone != null' },
        },
      },
      {
        id: 'any',
        at: { x: 376, y: 304 },
        kind: 'decision',
        title: 'Anybody?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'size(steps.reachable) > 0' } }] },
      },
      { id: 'end_nobody', at: { x: 592, y: 712 }, title: 'Nobody is due', ...end('nobody_due') },
      {
        id: 'each',
        at: { x: 0, y: 424 },
        kind: 'loop',
        title: 'For each car',
        with: {
          over: 'items',
          items: { cel: 'steps.reachable' },
          concurrency: 20,
          onFailure: 'collect',
          collect: {
            cel: '{"owner": item.owner.name, "vehicle": item.title, "booked": has(steps.book) ? "yes" : "no"}',
          },
        },
      },
      {
        id: 'invite',
        at: { x: 224, y: 92 },
        within: 'each',
        title: 'Invite',
        ...reach({
          customer: owner,
          purpose: 'marketing',
          subject: { text: 'Service for your {{ item.title }}' },
          text: {
            text: 'Hello {{ item.owner.name }},\n\nyour {{ item.title }} {{ item.lastVisit == null ? "has not been with us yet" : "was last with us on " + day(item.lastVisit, vars.zone) }}{{ item.lastWork == null ? "" : " (" + string(item.lastWork) + ")" }}. Shall we look after it again? Answer with a day that suits you.\n\nYour service team',
          },
          sms: {
            text: 'Your {{ item.title }} is due for service. Answer with a day that suits you. STOP to hear no more.',
          },
        }),
      },
      { id: 'answer', at: { x: 224, y: 196 }, within: 'each', title: 'Do they book?', ...booked('5d') },
      {
        id: 'remind',
        at: { x: 296, y: 316 },
        within: 'each',
        title: 'Remind once',
        ...reach({
          customer: owner,
          purpose: 'marketing',
          subject: { text: 'Still due: your {{ item.title }}' },
          text: {
            text: 'Hello {{ item.owner.name }},\n\nwe still have room this month for your {{ item.title }}, with a loaner car. Which day suits you?\n\nYour service team',
          },
          sms: {
            text: 'Still room this month for your {{ item.title }}, loaner included. Which day suits you? STOP to hear no more.',
          },
        }),
      },
      { id: 'later', at: { x: 296, y: 420 }, within: 'each', title: 'And now?', ...booked('7d') },
      {
        id: 'book',
        at: { x: 24, y: 540 },
        within: 'each',
        title: 'Book it',
        ...action('dms.book_appointment', {
          kind: 'service',
          at: { cel: 'steps.answer != null ? steps.answer.at : steps.later.at' },
          customer: { cel: 'item.owner.name' },
          vehicle: { cel: 'item.title' },
        }),
      },
      {
        id: 'call',
        at: { x: 296, y: 540 },
        within: 'each',
        title: 'Let somebody call',
        ...action('crm.create_task', {
          kind: 'call',
          contact: { cel: 'steps.remind.output.contact' },
          title: { text: 'Call {{ item.owner.name }}: service for the {{ item.title }}' },
          text: {
            text: 'Invited twice. Last visit: {{ item.lastVisit == null ? "none" : day(item.lastVisit, vars.zone) }}.',
          },
        }),
      },
      {
        id: 'won',
        at: { x: 160, y: 1096 },
        kind: 'filter',
        title: 'Who booked?',
        importance: 'minor',
        with: { items: { cel: 'steps.each' }, keep: { cel: 'has(item.booked) && item.booked == "yes"' } },
      },
      {
        id: 'report',
        at: { x: 160, y: 1200 },
        title: 'Report to the manager',
        errors: ['mail_refused'],
        ...action('mail.send', {
          to: { cel: 'vars.manager' },
          subject: { text: 'Service due: {{ size(steps.won) }} of {{ size(steps.each) }} booked' },
          text: {
            text: 'Hello,\n\n{{ steps.find.count }} cars are due for service. {{ size(steps.each) }} owners were invited, and {{ size(steps.won) }} of them have booked; somebody calls the others.\n\nYour automation “Service due”',
          },
        }),
      },
      {
        id: 'end_done',
        at: { x: 160, y: 1320 },
        title: 'Done',
        ...end('done', { invited: { cel: 'size(steps.each)' }, booked: { cel: 'size(steps.won)' } }),
      },
    ],
    edges: lines(
      'start > find > reachable > any:yes > each > won > report > end_done',
      'report:error:mail_refused > end_done',
      'any:else > end_nobody',
      'each:each > invite > answer > book',
      'answer:timeout > remind > later > book',
      'later:timeout > call',
    ),
  },
}
