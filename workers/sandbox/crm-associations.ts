import { notFound } from './crm-errors.ts'
import { readObject } from './crm-objects.ts'
import { type CrmKind, isKind } from './crm-properties.ts'
import type { Database } from './state.ts'

/** The vendor names kinds in the singular or the plural in paths of the associations API. */
export const kindOf = (name: string): CrmKind => {
  const plural = name.endsWith('s') ? name : `${name}s`
  if (!isKind(plural)) throw notFound()
  return plural
}

/** HubSpot's default association type ids, by direction. */
const typeIds: Readonly<Record<string, number>> = {
  'deals>contacts': 3,
  'contacts>deals': 4,
  'contacts>notes': 201,
  'notes>contacts': 202,
  'deals>notes': 213,
  'notes>deals': 214,
  'contacts>tasks': 203,
  'tasks>contacts': 204,
  'deals>tasks': 215,
  'tasks>deals': 216,
}

export const associationType = (from: CrmKind, to: CrmKind): number => {
  const id = typeIds[`${from}>${to}`]
  if (id === undefined) throw notFound()
  return id
}

/** The kind on the other side of a default association type id, or undefined where the id does not fit `from`. */
export const targetKind = (from: CrmKind, typeId: number): CrmKind | undefined => {
  const key = Object.keys(typeIds).find((pair) => pair.startsWith(`${from}>`) && typeIds[pair] === typeId)
  return key === undefined ? undefined : kindOf(key.slice(from.length + 1))
}

/** Links two live objects both ways; linking twice is no error. */
export const associate = (db: Database, from: CrmKind, fromId: string, to: CrmKind, toId: string): void => {
  const [a, b] = [readObject(db, from, fromId), readObject(db, to, toId)]
  const insert = db.prepare('insert or ignore into crm_association values (?, ?, ?, ?)')
  insert.run(from, a.id, to, b.id)
  insert.run(to, b.id, from, a.id)
}

/** Ids of the live objects of kind `to` linked to an object. */
export const associated = (db: Database, from: CrmKind, fromId: number, to: CrmKind): number[] =>
  db
    .prepare(
      `select a.to_id from crm_association a join crm_object o on o.id = a.to_id and o.archived = 0
       where a.from_kind = ? and a.from_id = ? and a.to_kind = ? order by a.to_id`,
    )
    .all(from, fromId, to)
    .map((row) => Number(row['to_id']))
