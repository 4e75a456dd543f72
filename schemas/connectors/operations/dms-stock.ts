import { amount, fields, text, yes, type Operation } from '../operation.ts'

const stock = text('Stock number')

export const stockOperations = {
  'dms.change_price': {
    title: 'Change the price of a vehicle',
    system: 'dms',
    about: 'Writes a new price of a vehicle in stock.',
    queue: 'connectors',
    input: fields({ stock, price: amount('Price', { minimum: 0 }) }),
    output: fields({ stock, price: amount('Price') }),
  },
  'dms.hold_vehicle': {
    title: 'Hold a vehicle',
    system: 'dms',
    about: 'Keeps a vehicle for somebody: nobody else is offered it. One that is held for another is refused.',
    queue: 'connectors',
    input: fields({ stock, for: text('For whom', { minLength: 1, maxLength: 200 }) }),
    output: fields({ stock, held: yes('Held') }),
  },
  'dms.release_vehicle': {
    title: 'Release a vehicle',
    system: 'dms',
    about: 'Offers a held vehicle again. Undoes “Hold a vehicle”; one that is held for another stays so.',
    queue: 'connectors',
    input: fields({ stock, for: text('For whom', { minLength: 1, maxLength: 200 }) }),
    output: fields({ stock, held: yes('Held') }),
  },
} as const satisfies Record<string, Operation>
