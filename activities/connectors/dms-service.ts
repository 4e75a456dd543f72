import { Fault } from '#schemas/errors.ts'
import { systemsOf, type Connectors } from './connect.ts'
import type { DmsAppointment, DmsOwnedVehicle } from './fortellis.ts'
import { keyOf, performing } from './perform.ts'

type Booking = { kind?: string; at: string; customer?: string; vehicle?: string; notes?: string }
type Change = { appointment: string; status?: string; at?: string; notes?: string }
type Owned = {
  make?: string
  model?: string
  fromYear?: number
  toYear?: number
  vin?: string
  notSeenFor?: number
  most?: number
}

const day = 86_400_000

/** The operations of the workshop's calendar and its files. */
export const serviceActivities = (connectors: Connectors) => ({
  'dms.book_appointment': performing<Booking>('dms.book_appointment', async (booking, call) => ({
    appointment: toAppointment(
      await systemsOf(connectors, call).dms.book({
        externalReference: keyOf(call),
        appointmentType: (booking.kind ?? 'service').toUpperCase(),
        startTime: booking.at,
        customerName: booking.customer ?? null,
        vehicleDescription: booking.vehicle ?? null,
        comments: booking.notes ?? null,
      }),
    ),
  })),
  'dms.read_appointment': performing<{ appointment: string }>('dms.read_appointment', async (input, call) => {
    const found = await systemsOf(connectors, call).dms.appointment(input.appointment)
    return { appointment: found === null ? null : toAppointment(found) }
  }),
  'dms.change_appointment': performing<Change>('dms.change_appointment', async (change, call) => {
    const { appointment, status, at, notes } = change
    if (status === undefined && at === undefined && notes === undefined)
      throw new Fault('invalid', 'Nothing of the appointment was to be changed.')
    const changed = await systemsOf(connectors, call).dms.changeAppointment(appointment, {
      ...(status === undefined ? {} : { status: status.toUpperCase() }),
      ...(at === undefined ? {} : { startTime: at }),
      ...(notes === undefined ? {} : { comments: notes }),
    })
    return { appointment: toAppointment(changed) }
  }),
  'dms.find_owned_vehicles': performing<Owned>('dms.find_owned_vehicles', async (wanted, call) => {
    const { make, model, vin, fromYear, toYear, notSeenFor } = wanted
    const before = notSeenFor === undefined ? undefined : new Date(Date.now() - notSeenFor * day)
    const found = await systemsOf(connectors, call).dms.ownedVehicles({
      ...(make === undefined ? {} : { make }),
      ...(model === undefined ? {} : { model }),
      ...(vin === undefined ? {} : { vin }),
      ...(fromYear === undefined ? {} : { modelYearFrom: String(fromYear) }),
      ...(toYear === undefined ? {} : { modelYearTo: String(toYear) }),
      ...(before === undefined ? {} : { lastServiceBefore: before.toISOString().slice(0, 10) }),
    })
    const vehicles = found.map(toOwned).sort((a, b) => (a.lastVisit ?? '').localeCompare(b.lastVisit ?? ''))
    return { vehicles: vehicles.slice(0, wanted.most ?? 100), count: found.length }
  }),
})

const toAppointment = (appointment: DmsAppointment) => ({
  id: appointment.appointmentId,
  kind: appointment.appointmentType.toLowerCase(),
  status: appointment.status.toLowerCase(),
  at: appointment.startTime,
  customer: appointment.customerName ?? null,
  vehicle: appointment.vehicleDescription ?? null,
  notes: appointment.comments ?? null,
})

const toOwned = ({ identification, specification, owner, lastService }: DmsOwnedVehicle) => {
  const { modelYear, make, model } = specification
  return {
    vin: identification.vin,
    title: `${modelYear} ${make} ${model}`,
    year: modelYear,
    make,
    model,
    owner: {
      id: owner.customerId,
      name: [owner.firstName, owner.lastName].filter(Boolean).join(' '),
      email: owner.email ?? null,
      phone: owner.phone ?? null,
    },
    lastVisit: lastService?.date ?? null,
    mileage: lastService?.mileage ?? null,
    lastWork: lastService?.operation ?? null,
  }
}
