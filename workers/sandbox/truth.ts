import type { Mail, Truth } from '#schemas/sandbox.ts'
import { listObjects } from './crm-objects.ts'
import type { CrmKind } from './crm-properties.ts'
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
  }
}
