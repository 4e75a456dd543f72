import type { JsonSchema } from '../../automation/json.ts'
import { intents, interests, urgencies } from '../../leads/lead.ts'
import { amount, fields, list, maybe, text, titled, whole, yes } from '../operation.ts'

const word = (title: string) => maybe(text(title))
const sum = (title: string) => maybe(amount(title))

const vinCheck = fields({
  result: text('Result', { enum: ['valid', 'invalid', 'not_applicable'] }),
  reason: text('Reason'),
  modelYear: maybe(whole('Model year')),
})

const vehicle = fields({
  interest: text('Interest', { enum: interests }),
  status: maybe(text('New or used', { enum: ['new', 'used'] })),
  year: maybe(whole('Model year')),
  make: word('Make'),
  model: word('Model'),
  trim: word('Trim'),
  vin: word('VIN'),
  vinCheck: maybe(titled('What the VIN says', vinCheck)),
  stock: word('Stock number'),
  odometer: maybe(
    titled('Odometer', fields({ value: amount('Reading'), units: maybe(text('Units', { enum: ['mi', 'km'] })) })),
  ),
  price: maybe(
    titled('Price', fields({ amount: amount('Amount'), currency: word('Currency'), type: word('Kind of price') })),
  ),
  bodyStyle: word('Body style'),
  transmission: word('Transmission'),
  exteriorColor: word('Exterior colour'),
  interiorColor: word('Interior colour'),
  options: list('Options', { type: 'string' }),
  finance: maybe(
    titled(
      'Financing',
      fields({
        method: word('Method'),
        downPayment: sum('Down payment'),
        monthly: sum('Monthly'),
        total: sum('Total'),
      }),
    ),
  ),
  comments: word('Comments'),
})

const customer = fields({
  firstName: word('First name'),
  lastName: word('Last name'),
  fullName: word('Full name'),
  email: word('E-mail'),
  phone: maybe(text('Phone', { description: 'The best number to call.' })),
  phones: list('All numbers', fields({ number: text('Number'), type: word('Kind'), time: word('When to call') })),
  address: maybe(
    titled(
      'Address',
      fields({
        lines: list('Lines', { type: 'string' }),
        city: word('City'),
        region: word('Region'),
        postalCode: word('Postal code'),
        country: word('Country'),
      }),
    ),
  ),
  comments: maybe(text('Comments', { description: 'What the customer wrote.' })),
  details: list('Details', fields({ key: text('Name'), value: text('Value') })),
  timeframe: word('Time frame'),
  preferredContact: maybe(text('Prefers to be reached by', { enum: ['email', 'phone'] })),
})

/** A lead as the parser gives it; a test compares the two. */
export const lead: JsonSchema = titled(
  'Lead',
  fields({
    provider: titled(
      'Provider',
      fields({
        name: text('Name'),
        service: word('Service'),
        url: word('Site'),
        email: word('E-mail'),
        phone: word('Phone'),
      }),
    ),
    leadId: maybe(text('Number', { description: 'The provider’s own id of this lead.' })),
    leadIdSource: word('Who gave the number'),
    status: text('New or sent again', { enum: ['new', 'resend'] }),
    requestedAt: maybe(text('Asked at', { format: 'date-time' })),
    customer: titled('Customer', customer),
    vehicles: list('Vehicles', vehicle),
    tradeIn: maybe(titled('Car to trade in', vehicle)),
    vendor: titled('Dealer', fields({ name: word('Name'), id: word('Number') })),
  }),
)

export const assessment: JsonSchema = titled(
  'Reading of the lead',
  fields({
    reading: titled(
      'Reading',
      fields({
        intent: text('What the customer wants', { enum: intents }),
        urgency: text('Urgency', { enum: urgencies }),
        summary: text('Summary for the sales team'),
        reply: text('Reply to the customer'),
      }),
    ),
    author: titled(
      'Written by',
      fields({
        by: text('Model or rules', { enum: ['model', 'rules'] }),
        name: text('Name'),
        sandbox: yes('Only the sandbox'),
        repaired: yes('Repaired after a broken answer'),
      }),
    ),
  }),
)

export const match: JsonSchema = titled(
  'Customer',
  fields({
    contact: text('Contact', { description: 'Its id in the CRM.' }),
    created: yes('New in the CRM'),
    name: text('Name'),
  }),
)

export const record: JsonSchema = titled('Record in the CRM', fields({ deal: text('Deal'), note: text('Note') }))
