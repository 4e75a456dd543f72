import type { Mail, TextMessage, Truth } from '#schemas/sandbox.ts'
import { listObjects } from './crm-objects.ts'
import type { CrmKind } from './crm-properties.ts'
import { allAppointments } from './dms-appointments.ts'
import type { Database } from './state.ts'

type Message = { from: string; to: string[]; subject: string; text?: string; html?: string }

/** All mails of the sink, newest last. */
export const allMails = (db: Database): Mail[] =>
  db
    .prepare('select * from mail order by rowid')
    .all()
    .map((row) => {
      const { from, to, subject, text, html } = JSON.parse(String(row['body'])) as Message
      const lead = row['lead'] === null ? null : String(row['lead'])
      const parts = { text: text ?? null, html: html ?? null, createdAt: String(row['created']) }
      return { id: String(row['id']), lead, from, to, subject, ...parts }
    })

const allTexts = (db: Database): TextMessage[] =>
  db
    .prepare('select * from sms order by rowid')
    .all()
    .map((row) => ({
      id: String(row['id']),
      to: String(row['number']),
      text: String(row['body']),
      createdAt: String(row['created']),
    }))

/** Everything in CRM and mail sink that came from a lead. */
export const readTruth = (db: Database): Truth => {
  const of = (kind: CrmKind) =>
    listObjects(db, kind, 0, -1).flatMap(({ id, properties }) => {
      const lead = properties['auterity_lead_id']
      return lead === undefined ? [] : [{ id: String(id), lead, properties }]
    })
  return {
    contacts: of('contacts'),
    deals: of('deals'),
    notes: of('notes'),
    tasks: of('tasks'),
    mails: allMails(db).filter(({ lead }) => lead !== null),
    texts: allTexts(db),
    appointments: allAppointments(db).map(({ id, reference, body }) => ({
      id: String(id),
      reference,
      status: body.status,
      at: body.startTime,
    })),
  }
}
