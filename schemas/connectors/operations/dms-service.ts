import { fields, list, maybe, text, titled, whole, type Operation } from '../operation.ts'

export const appointmentStates = ['scheduled', 'confirmed', 'cancelled', 'done'] as const
export const appointmentKinds = ['service', 'recall', 'test_drive', 'appraisal', 'delivery'] as const

const time = (title: string) => text(title, { description: 'A time with its zone.', format: 'date-time' })

const appointment = titled(
  'Appointment',
  fields({
    id: text('Appointment', { description: 'Its id in the DMS.' }),
    kind: text('Kind', { enum: [...appointmentKinds] }),
    status: text('Status', { enum: [...appointmentStates] }),
    at: time('Begins at'),
    customer: maybe(text('Customer')),
    vehicle: maybe(text('Vehicle')),
    notes: maybe(text('Notes')),
  }),
)

const owned = titled(
  'Vehicle of a customer',
  fields({
    vin: text('VIN'),
    title: text('Vehicle', { description: 'Year, make and model.' }),
    year: whole('Model year'),
    make: text('Make'),
    model: text('Model'),
    owner: titled(
      'Owner',
      fields({ id: text('Customer'), name: text('Name'), email: maybe(text('E-mail')), phone: maybe(text('Phone')) }),
    ),
    lastVisit: maybe(text('Last visit', { format: 'date' })),
    mileage: maybe(whole('Mileage then', { description: 'In miles.' })),
    lastWork: maybe(text('What was done')),
  }),
)

export const serviceOperations = {
  'dms.book_appointment': {
    title: 'Book an appointment',
    system: 'dms',
    about: 'Puts an appointment into the calendar of the DMS, once per step of a run.',
    queue: 'connectors',
    input: fields(
      {
        kind: text('Kind', { enum: [...appointmentKinds], default: 'service' }),
        at: time('Begins at'),
        customer: text('Customer', { maxLength: 200 }),
        vehicle: text('Vehicle', { maxLength: 200 }),
        notes: text('Notes', { maxLength: 2000 }),
      },
      ['customer', 'vehicle', 'notes'],
    ),
    output: fields({ appointment }),
  },
  'dms.read_appointment': {
    title: 'Read an appointment',
    system: 'dms',
    about: 'Reads how an appointment stands now.',
    queue: 'connectors',
    reads: true,
    input: fields({ appointment: text('Appointment') }),
    output: fields({ appointment: maybe(appointment) }),
  },
  'dms.change_appointment': {
    title: 'Change an appointment',
    system: 'dms',
    about: 'Confirms, moves, cancels or closes an appointment.',
    queue: 'connectors',
    input: fields(
      {
        appointment: text('Appointment'),
        status: text('Status', { enum: [...appointmentStates] }),
        at: time('Begins at'),
        notes: text('Notes', { maxLength: 2000 }),
      },
      ['status', 'at', 'notes'],
    ),
    output: fields({ appointment }),
  },
  'dms.find_owned_vehicles': {
    title: 'Find vehicles of customers',
    system: 'dms',
    about: 'Vehicles that the workshop knows, with their owner and their last visit, longest ago first.',
    queue: 'connectors',
    reads: true,
    input: fields(
      {
        make: maybe(text('Make')),
        model: maybe(text('Model')),
        fromYear: maybe(whole('Model year, from')),
        toYear: maybe(whole('Model year, to')),
        vin: maybe(text('VIN')),
        notSeenFor: maybe(whole('Not seen for (days)', { minimum: 0 })),
        most: whole('How many at most', { minimum: 1, maximum: 500, default: 100 }),
      },
      ['make', 'model', 'fromYear', 'toYear', 'vin', 'notSeenFor', 'most'],
    ),
    output: fields({ vehicles: list('Vehicles', owned), count: whole('How many fit') }),
  },
} as const satisfies Record<string, Operation>
