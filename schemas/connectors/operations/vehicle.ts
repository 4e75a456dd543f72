import type { JsonSchema } from '../../automation/json.ts'
import { amount, fields, list, maybe, text, titled, whole } from '../operation.ts'

const stockVehicle = {
  stock: text('Stock number'),
  vin: text('VIN'),
  title: text('Title', { description: 'Year, make, model and trim.' }),
  year: whole('Model year'),
  price: maybe(amount('Price')),
  color: maybe(text('Colour')),
}

/** What the lot holds of what a lead asks for. */
export const stockCheck: JsonSchema = titled(
  'Stock',
  fields({
    asked: maybe(text('Asked for')),
    exact: list('The very one', fields(stockVehicle)),
    similar: list('Similar ones', fields(stockVehicle)),
  }),
)

export const vehicle: JsonSchema = titled(
  'Vehicle',
  fields({
    ...stockVehicle,
    make: text('Make'),
    model: text('Model'),
    trim: maybe(text('Trim')),
    condition: text('Condition', { enum: ['new', 'used', 'certified'] }),
    mileage: maybe(whole('Mileage', { description: 'In miles.' })),
    since: maybe(text('In stock since', { format: 'date' })),
    days: maybe(whole('Days in stock')),
  }),
)
