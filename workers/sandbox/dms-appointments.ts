import { createHash } from 'node:crypto'
import { z } from 'zod'
import { DmsError, refuseStale } from './dms-errors.ts'
import type { Database } from './state.ts'

const text = z.string().max(2000).nullish()
const status = z.enum(['SCHEDULED', 'CONFIRMED', 'CANCELLED', 'DONE'])
const startTime = z.iso.datetime({ offset: true })

export const Appointment = z.object({
  externalReference: z.string().min(1).max(300).optional(),
  appointmentType: z.enum(['SERVICE', 'RECALL', 'TEST_DRIVE', 'APPRAISAL', 'DELIVERY']),
  startTime,
  status: status.default('SCHEDULED'),
  customerName: text,
  vehicleDescription: text,
  comments: text,
})
export const AppointmentChange = z.object({
  startTime: startTime.optional(),
  status: status.optional(),
  comments: text,
})

type Body = Omit<z.output<typeof Appointment>, 'externalReference'>
export type StoredAppointment = { id: number; reference: string | null; version: number; body: Body }

const fromRow = (row: Record<string, unknown>): StoredAppointment => ({
  id: Number(row['id']),
  reference: typeof row['reference'] === 'string' ? row['reference'] : null,
  version: Number(row['version']),
  body: Appointment.omit({ externalReference: true }).parse(JSON.parse(String(row['body']))),
})

export const presentAppointment = ({ id, body }: StoredAppointment) => ({ appointmentId: String(id), ...body })

export const appointmentTag = ({ id, version, body }: StoredAppointment): string =>
  `"${createHash('sha256')
    .update(JSON.stringify([id, version, body]))
    .digest('hex')
    .slice(0, 32)}"`

export const allAppointments = (db: Database): StoredAppointment[] =>
  db.prepare('select * from dms_appointment order by id').all().map(fromRow)

export const readAppointment = (db: Database, id: string): StoredAppointment => {
  const known = /^\d{1,15}$/.test(id)
  const row = known ? db.prepare('select * from dms_appointment where id = ?').get(Number(id)) : undefined
  if (row === undefined) throw new DmsError(404, 'NOT-FOUND', `Appointment ${id} not found`)
  return fromRow(row)
}

/** Books; under a reference that was booked before it gives what there is. */
export const addAppointment = (
  db: Database,
  { externalReference = null, ...body }: Body & { externalReference?: string | undefined | null },
): { found: StoredAppointment; made: boolean } => {
  const known =
    externalReference === null
      ? undefined
      : db.prepare('select * from dms_appointment where reference = ?').get(externalReference)
  if (known !== undefined) return { found: fromRow(known), made: false }
  const add = db.prepare('insert into dms_appointment (reference, body) values (?, ?)')
  const { lastInsertRowid } = add.run(externalReference, JSON.stringify(body))
  return { found: readAppointment(db, String(lastInsertRowid)), made: true }
}

/** Changes an appointment when `ifMatch` is its present tag. */
export const changeAppointment = (
  db: Database,
  id: string,
  change: z.output<typeof AppointmentChange>,
  ifMatch: string | undefined,
): StoredAppointment => {
  const now = readAppointment(db, id)
  refuseStale(appointmentTag(now), ifMatch)
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  db.prepare('update dms_appointment set body = ?, version = version + 1 where id = ?').run(
    JSON.stringify({ ...now.body, ...said }),
    now.id,
  )
  return readAppointment(db, id)
}
