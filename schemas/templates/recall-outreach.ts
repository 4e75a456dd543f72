import { action, end, house, lines, message, object, reach, type Template } from './template.ts'

/** All owners of the vehicles of a recall are told; who does not answer is called, because it is about safety. */
export const recallOutreach: Template = {
  handle: 'recall-outreach',
  title: 'Recall outreach',
  purpose: 'Tells every owner of a recalled model what is to be done, books who answers and has the others called.',
  category: 'service',
  sample: {
    input: {
      campaign: { number: '26V-118', title: 'Seat belt anchor', remedy: 'The anchor is replaced, free, in an hour.' },
      make: 'Toyota',
      model: 'Camry',
      fromYear: 2018,
      toYear: 2024,
    },
    decisions: { approve: { decision: 'approve' } },
    pins: { answer: { at: '2027-01-14T08:00:00-06:00' } },
    expect: {
      outcome: 'done',
      texts: ['(512) 555-0127'],
      appointments: ['SCHEDULED'],
    },
  },
  definition: {
    format: 1,
    name: 'Recall outreach',
    description: 'Started for a campaign of the maker. Who books is told by the event “recall.answered” with the VIN.',
    input: object({
      campaign: object(
        {
          number: { type: 'string', title: 'Number' },
          title: { type: 'string', title: 'What it is about' },
          remedy: { type: 'string', title: 'What is done' },
        },
        [],
        'Campaign',
      ),
      make: { type: 'string', title: 'Make' },
      model: { type: 'string', title: 'Model' },
      fromYear: { type: 'integer', title: 'Model year, from' },
      toYear: { type: 'integer', title: 'Model year, to' },
    }),
    settings: { title: { text: 'Recall {{ input.campaign.number }}: {{ input.campaign.title }}' }, priority: 2 },
    variables: [{ name: 'draft', type: 'object', description: 'What owners are told, in both lengths.' }],
    nodes: [
      { id: 'start', kind: 'start', title: 'The maker calls back' },
      {
        id: 'find',
        title: 'Who drives one?',
        ...action('dms.find_owned_vehicles', {
          make: { cel: 'input.make' },
          model: { cel: 'input.model' },
          fromYear: { cel: 'input.fromYear' },
          toYear: { cel: 'input.toYear' },
          most: 500,
        }),
      },
      {
        id: 'any',
        kind: 'decision',
        title: 'Anybody?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'steps.find.count > 0' } }] },
      },
      { id: 'end_nobody', title: 'None of ours', ...end('nobody') },
      {
        id: 'write',
        kind: 'ai',
        title: 'Draft the letter',
        with: {
          name: 'recall_letter',
          system: `${house} It is a safety recall: say what is wrong and that the repair is free, without alarm.`,
          prompt: { cel: '{"recall": input.campaign, "model": input.make + " " + input.model}' },
          output: message,
        },
      },
      {
        id: 'written',
        kind: 'set',
        title: 'Take the draft',
        importance: 'minor',
        with: { values: { draft: { cel: 'steps.write.answer' } } },
      },
      {
        id: 'plain',
        kind: 'set',
        title: 'Take the plain letter',
        importance: 'minor',
        with: {
          values: {
            draft: {
              subject: { text: 'Recall for your {{ input.make }} {{ input.model }}' },
              text: {
                text: 'Hello,\n\nthe maker calls your {{ input.make }} {{ input.model }} back: {{ input.campaign.title }}. {{ input.campaign.remedy }} Answer with a day that suits you.\n\nYour service team',
              },
              sms: {
                text: 'Safety recall {{ input.campaign.number }} for your {{ input.make }} {{ input.model }}. {{ input.campaign.remedy }} Answer with a day.',
              },
            },
          },
        },
      },
      {
        id: 'approve',
        kind: 'approval',
        title: 'Approve the letter',
        importance: 'major',
        with: {
          ask: { text: 'Send this recall letter to {{ steps.find.count }} owners?' },
          text: { cel: 'vars.draft.text' },
          show: {
            campaign: { cel: 'input.campaign' },
            owners: { cel: 'steps.find.count' },
            text: { cel: 'vars.draft.sms' },
          },
          assignees: { role: 'manager' },
          escalateTo: { role: 'owner' },
          remindAfter: '4h',
          dueAfter: '1d',
        },
      },
      { id: 'end_rejected', title: 'Not sent', ...end('rejected') },
      {
        id: 'each',
        kind: 'loop',
        title: 'For each owner',
        with: {
          over: 'items',
          items: { cel: 'steps.find.vehicles' },
          concurrency: 20,
          onFailure: 'collect',
          collect: { cel: '{"vin": item.vin, "booked": has(steps.book) ? "yes" : "no"}' },
        },
      },
      {
        id: 'tell',
        within: 'each',
        title: 'Tell them',
        ...reach({
          customer: {
            name: { cel: 'item.owner.name' },
            email: { cel: 'item.owner.email' },
            phone: { cel: 'item.owner.phone' },
          },
          purpose: 'safety',
          subject: { cel: 'vars.draft.subject' },
          text: { cel: 'coalesce(steps.approve.text, vars.draft.text)' },
          sms: { cel: 'vars.draft.sms' },
        }),
      },
      {
        id: 'answer',
        within: 'each',
        kind: 'wait',
        title: 'Do they book?',
        with: {
          for: 'event',
          event: 'recall.answered',
          key: { cel: 'item.vin' },
          when: { cel: 'has(event.at)' },
          most: '10d',
        },
      },
      {
        id: 'book',
        within: 'each',
        title: 'Book the repair',
        ...action('dms.book_appointment', {
          kind: 'recall',
          at: { cel: 'steps.answer.at' },
          customer: { cel: 'item.owner.name' },
          vehicle: { cel: 'item.title' },
          notes: { text: 'Recall {{ input.campaign.number }}, VIN {{ item.vin }}' },
        }),
      },
      {
        id: 'call',
        within: 'each',
        title: 'Let somebody call',
        ...action('crm.create_task', {
          kind: 'call',
          priority: 'high',
          title: { text: 'Recall {{ input.campaign.number }}: call {{ item.owner.name }}' },
          text: {
            text: '{{ item.title }}, VIN {{ item.vin }}, {{ coalesce(item.owner.phone, "no number") }}. Not reached or not answered for ten days.',
          },
        }),
      },
      {
        id: 'booked',
        kind: 'filter',
        title: 'Who booked?',
        importance: 'minor',
        with: { items: { cel: 'steps.each' }, keep: { cel: 'has(item.booked) && item.booked == "yes"' } },
      },
      {
        id: 'end_done',
        title: 'All told',
        ...end('done', { owners: { cel: 'size(steps.each)' }, booked: { cel: 'size(steps.booked)' } }),
      },
      {
        id: 'why',
        kind: 'note',
        with: {
          text: 'A recall is told to everybody: who wants to hear nothing is called by a person, and over 500 owners the list is worked through in pages.',
          colour: 'red',
          width: 240,
          height: 120,
        },
      },
    ],
    edges: lines(
      'start > find > any:yes > write > written > approve:approved > each > booked > end_done',
      'any:else > end_nobody',
      'write:error > plain > approve:rejected > end_rejected',
      'each:each > tell > answer > book',
      'tell:error > call',
      'answer:timeout > call',
    ),
  },
}
