import { amount, fields, list, maybe, text, titled, whole, type Operation } from '../operation.ts'
import { lead } from './lead.ts'
import { stockCheck, vehicle } from './vehicle.ts'

const customer = titled(
  'Customer',
  fields({
    id: text('Customer', { description: 'Its id in the DMS.' }),
    firstName: maybe(text('First name')),
    lastName: maybe(text('Last name')),
    email: maybe(text('E-mail')),
    phone: maybe(text('Phone')),
    city: maybe(text('City')),
    postalCode: maybe(text('Postal code')),
  }),
)

export const dmsOperations = {
  'dms.check_stock': {
    title: 'Look the vehicle of a lead up in stock',
    system: 'dms',
    about: 'Finds the very vehicle by stock number or VIN, and similar ones of its model.',
    queue: 'connectors',
    reads: true,
    input: fields({ lead }),
    output: stockCheck,
  },
  'dms.find_vehicles': {
    title: 'Find vehicles in stock',
    system: 'dms',
    about: 'Vehicles on the lot that fit all that is given, those that stand longest first.',
    queue: 'connectors',
    reads: true,
    input: fields(
      {
        make: maybe(text('Make')),
        model: maybe(text('Model')),
        year: maybe(whole('Model year')),
        stock: maybe(text('Stock number')),
        vin: maybe(text('VIN')),
        condition: maybe(text('Condition', { enum: ['new', 'used', 'certified'] })),
        maxPrice: maybe(amount('Price at most', { minimum: 0 })),
        minDays: maybe(whole('Days in stock, at least', { minimum: 0 })),
        most: whole('How many at most', { minimum: 1, maximum: 100, default: 20 }),
      },
      ['make', 'model', 'year', 'stock', 'vin', 'condition', 'maxPrice', 'minDays', 'most'],
    ),
    output: fields({ vehicles: list('Vehicles', vehicle), count: whole('How many fit') }),
  },
  'dms.find_customer': {
    title: 'Find a customer in the DMS',
    system: 'dms',
    about: 'The first customer that fits all that is given.',
    queue: 'connectors',
    reads: true,
    input: fields(
      {
        email: maybe(text('E-mail')),
        phone: maybe(text('Phone')),
        firstName: maybe(text('First name')),
        lastName: maybe(text('Last name')),
      },
      ['email', 'phone', 'firstName', 'lastName'],
    ),
    output: fields({ customer: maybe(customer) }),
  },
} as const satisfies Record<string, Operation>
