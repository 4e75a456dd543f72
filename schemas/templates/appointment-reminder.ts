import { action, customer, end, lines, object, reach, zone, type Template } from './template.ts'

const appointment = { cel: 'input.appointment' }
const is = (port: string, title: string) => ({ port, title, is: port })

/** A day before an appointment the customer is asked whether they come; what they answer is done in the DMS. */
export const appointmentReminder: Template = {
  handle: 'appointment-reminder',
  title: 'Appointment reminder',
  purpose: 'Reminds a day before, takes a yes, a new time or a no, and has a person call who does not answer.',
  category: 'service',
  sample: {
    input: {
      appointment: '1',
      customer: { name: 'Maria Alvarez', email: 'maria.alvarez@example.com', phone: '(512) 555-0114' },
    },
    pins: { day_before: null },
    events: [{ type: 'appointment.answered', key: '1', data: { answer: 'confirm' } }],
    expect: { outcome: 'confirmed', texts: ['(512) 555-0114'] },
  },
  definition: {
    format: 1,
    name: 'Appointment reminder',
    description: 'Started when an appointment is booked. Answers come as the event “appointment.answered”.',
    input: object({
      appointment: { type: 'string', title: 'Appointment', description: 'Its id in the DMS.' },
      customer,
    }),
    settings: {
      title: { text: 'Reminder: {{ input.customer.name }}' },
      concurrency: { key: appointment, policy: 'latest' },
    },
    variables: [zone],
    nodes: [
      { id: 'start', at: { x: 808, y: 0 }, kind: 'start', title: 'An appointment is booked' },
      {
        id: 'booked',
        at: { x: 808, y: 104 },
        title: 'Read the appointment',
        ...action('dms.read_appointment', { appointment }),
      },
      {
        id: 'stands',
        at: { x: 808, y: 200 },
        kind: 'decision',
        title: 'Does it stand?',
        with: {
          cases: [
            {
              port: 'yes',
              title: 'Yes',
              when: {
                cel: 'steps.booked.appointment != null && steps.booked.appointment.status in ["scheduled", "confirmed"]',
              },
            },
          ],
        },
      },
      {
        id: 'day_before',
        at: { x: 752, y: 328 },
        kind: 'wait',
        title: 'Until a day before',
        with: { for: 'until', until: { cel: 'timestamp(steps.booked.appointment.at) - duration("24h")' } },
      },
      {
        id: 'again',
        at: { x: 752, y: 424 },
        title: 'Read it again',
        importance: 'minor',
        ...action('dms.read_appointment', { appointment }),
      },
      {
        id: 'still',
        at: { x: 744, y: 528 },
        kind: 'decision',
        title: 'Still on?',
        with: {
          cases: [
            {
              port: 'yes',
              title: 'Yes',
              when: { cel: 'steps.again.appointment != null && steps.again.appointment.status == "scheduled"' },
            },
            {
              port: 'sure',
              title: 'Confirmed already',
              when: { cel: 'steps.again.appointment != null && steps.again.appointment.status == "confirmed"' },
            },
          ],
        },
      },
      {
        id: 'remind',
        at: { x: 672, y: 656 },
        title: 'Remind, and ask',
        ...reach({
          subject: 'Your appointment tomorrow',
          text: {
            text: 'Hello {{ input.customer.name }},\n\nwe expect you tomorrow{{ steps.again.appointment.vehicle == null ? "" : " with your " + string(steps.again.appointment.vehicle) }}. Do you come? Answer yes, no, or a time that suits you better.\n\nYour team at the dealership',
          },
          sms: 'We expect you tomorrow at your appointment. Answer YES to confirm, NO to cancel, or a time that suits you better.',
        }),
      },
      {
        id: 'answer',
        at: { x: 672, y: 752 },
        kind: 'wait',
        title: 'Wait for the answer',
        with: {
          for: 'event',
          event: 'appointment.answered',
          key: appointment,
          when: { cel: 'has(event.answer)' },
          most: '20h',
        },
      },
      {
        id: 'which',
        at: { x: 560, y: 872 },
        kind: 'switch',
        title: 'What do they say?',
        with: {
          value: { cel: 'steps.answer.answer' },
          cases: [is('confirm', 'They come'), is('move', 'Another time'), is('cancel', 'They do not come')],
        },
      },
      {
        id: 'confirm',
        at: { x: -80, y: 1016 },
        title: 'Confirm it',
        ...action('dms.change_appointment', { appointment, status: 'confirmed' }),
      },
      { id: 'end_confirmed', at: { x: 928, y: 1552 }, title: 'Confirmed', ...end('confirmed') },
      {
        id: 'says_when',
        at: { x: 312, y: 1016 },
        kind: 'decision',
        title: 'Do they say when?',
        importance: 'minor',
        with: { cases: [{ port: 'yes', title: 'Yes', when: { cel: 'has(steps.answer.at)' } }] },
      },
      {
        id: 'move',
        at: { x: 256, y: 1144 },
        title: 'Move it',
        errors: ['connector_refused'],
        ...action('dms.change_appointment', { appointment, at: { cel: 'steps.answer.at' }, status: 'scheduled' }),
      },
      {
        id: 'tell',
        at: { x: 256, y: 1256 },
        title: 'Tell the new time',
        ...reach({
          subject: 'Your new appointment',
          text: {
            text: 'Hello {{ input.customer.name }},\n\nyour new appointment is on {{ day(steps.answer.at, vars.zone) }} at {{ time(steps.answer.at, vars.zone) }}.\n\nYour team at the dealership',
          },
          sms: {
            text: 'Your new appointment: {{ day(steps.answer.at, vars.zone) }}, {{ time(steps.answer.at, vars.zone) }}. See you then!',
          },
          atOnce: true,
        }),
      },
      { id: 'end_moved', at: { x: 256, y: 1360 }, title: 'Moved', ...end('moved', { at: { cel: 'steps.answer.at' } }) },
      {
        id: 'cancel',
        at: { x: 592, y: 1016 },
        title: 'Cancel it',
        ...action('dms.change_appointment', { appointment, status: 'cancelled' }),
      },
      { id: 'end_cancelled', at: { x: 592, y: 1112 }, title: 'Cancelled', ...end('cancelled') },
      {
        id: 'call',
        at: { x: 744, y: 1320 },
        title: 'Let the advisor call',
        ...action('crm.create_task', {
          kind: 'call',
          priority: 'high',
          contact: { cel: 'steps.remind.output.contact' },
          title: { text: 'Call {{ input.customer.name }}: does the appointment stand?' },
          text: { text: 'Appointment {{ input.appointment }}. Reminded, and not clearly answered.' },
        }),
      },
      { id: 'end_open', at: { x: 744, y: 1424 }, title: 'Somebody calls', ...end('unconfirmed') },
      { id: 'end_gone', at: { x: 1096, y: 664 }, title: 'It is off', ...end('gone') },
      {
        id: 'how',
        at: { x: 464, y: 0 },
        kind: 'note',
        with: {
          text: 'Send answers as the event “appointment.answered” with the appointment as its key and { answer: confirm, move or cancel, at: the new time }.',
          colour: 'yellow',
          width: 260,
          height: 130,
        },
      },
    ],
    edges: lines(
      'start > booked > stands:yes > day_before > again > still:yes > remind > answer > which:confirm > confirm > end_confirmed',
      'stands:else > end_gone',
      'still:else > end_gone',
      'still:sure > end_confirmed',
      'answer:timeout > call > end_open',
      'which:move > says_when:yes > move > tell > end_moved',
      'which:cancel > cancel > end_cancelled',
      'which:else > call',
      'says_when:else > call',
      'move:error:connector_refused > call',
    ),
    groups: [
      {
        id: 'answers',
        title: 'What they answer',
        nodes: ['which', 'confirm', 'move', 'tell', 'cancel'],
        colour: 'green',
      },
    ],
  },
}
