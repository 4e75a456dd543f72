import { randomBytes } from 'node:crypto'
import { associate } from './crm-associations.ts'
import { insertObject } from './crm-objects.ts'
import { addAppointment } from './dms-appointments.ts'
import { addCustomer } from './dms-customers.ts'
import { addOwned } from './dms-owned.ts'
import { regulars } from './regulars.ts'
import { type Database, readSetting, transaction, writeSetting } from './state.ts'
import { makeStock } from './stock.ts'

const DAY = 86_400_000

const CONTENTS = [
  'crm_association',
  'crm_unique',
  'crm_object',
  'dms_customer',
  'dms_vehicle',
  'dms_token',
  'mail',
  'mail_key',
  'sms',
  'dms_appointment',
  'dms_owned_vehicle',
  'outbox',
  'trickled',
]

const fill = (db: Database): void => {
  const addVehicle = db.prepare('insert into dms_vehicle values (?, ?, ?, ?)')
  for (const vehicle of makeStock())
    addVehicle.run(vehicle.vehicleId, vehicle.stockNumber, vehicle.vin, JSON.stringify(vehicle))
  for (const [at, { first, last, email, phone }] of regulars.entries()) {
    const agreed = { auterity_may_text: 'true' }
    const contact = insertObject(db, 'contacts', {
      email,
      firstname: first,
      lastname: last,
      phone,
      lifecyclestage: 'customer',
      ...agreed,
    })
    if (at >= 4) {
      const dealname = `${last}, 2025 Honda Accord N24007`
      const deal = insertObject(db, 'deals', { dealname, dealstage: 'qualifiedtobuy', pipeline: 'default' })
      associate(db, 'deals', String(deal.id), 'contacts', String(contact.id))
    }
    const { id } = addCustomer(db, {
      name: { first, last },
      contactMethods: { primaryPhone: phone, email1: email, email1Desc: 'HOME' },
      postalAddress: { city: 'Austin', state: 'TX', country: 'US' },
    })
    addAppointment(db, {
      appointmentType: 'SERVICE',
      startTime: new Date(Date.now() + (at + 2) * DAY).toISOString(),
      status: 'SCHEDULED',
      customerName: `${first} ${last}`,
    })
    addOwned(db, at, { customerId: String(id), firstName: first, lastName: last, email, phone })
  }
}

/** Fills a new state with the store; leaves one that was filled before as it is. */
export const seedOnce = (db: Database): void => {
  if (readSetting(db, 'instance') !== undefined) return
  transaction(db, () => {
    fill(db)
    writeSetting(db, 'instance', randomBytes(3).toString('hex'))
  })
}

/** Empties all systems and fills them anew. The instance and the count of leads stay, so that no lead id comes twice. */
export const reseed = (db: Database): void =>
  transaction(db, () => {
    for (const table of CONTENTS) db.exec(`delete from ${table}`)
    fill(db)
  })
