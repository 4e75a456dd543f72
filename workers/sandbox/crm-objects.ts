import { duplicate, invalid, notFound, unknownProperty } from './crm-errors.ts'
import { type CrmKind, comparable, isKnown, uniqueProperties } from './crm-properties.ts'
import { type Database, transaction } from './state.ts'

export type CrmProperties = Record<string, string>

export type CrmObject = {
  id: number
  kind: CrmKind
  properties: CrmProperties
  created: string
  updated: string
}

type Row = Record<string, unknown>

const fromRow = (row: Row): CrmObject => ({
  id: Number(row['id']),
  kind: String(row['kind']) as CrmKind,
  properties: JSON.parse(String(row['properties'])) as CrmProperties,
  created: String(row['created']),
  updated: String(row['updated']),
})

/** A live object by its id. Throws the vendor's 404 when there is none. */
export const readObject = (db: Database, kind: CrmKind, id: string): CrmObject => {
  const row = /^\d{1,15}$/.test(id)
    ? db.prepare('select * from crm_object where id = ? and kind = ? and archived = 0').get(Number(id), kind)
    : undefined
  if (row === undefined) throw notFound()
  return fromRow(row)
}

const holderOf = (db: Database, kind: CrmKind, property: string, value: string): number | undefined => {
  const row = db
    .prepare('select object from crm_unique where kind = ? and property = ? and value = ?')
    .get(kind, property, comparable(property, value))
  return row === undefined ? undefined : Number(row['object'])
}

/** A live object by the value of a unique property. */
export const findUnique = (db: Database, kind: CrmKind, property: string, value: string): CrmObject | undefined => {
  if (!uniqueProperties(kind).includes(property)) throw invalid(`${property} is not a unique property of ${kind}`)
  const id = holderOf(db, kind, property, value)
  return id === undefined ? undefined : readObject(db, kind, String(id))
}

const check = (kind: CrmKind, properties: CrmProperties): void => {
  for (const [name, value] of Object.entries(properties)) {
    if (!isKnown(kind, name)) throw unknownProperty(name)
    if (name === 'email' && value !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
      throw invalid('Property values were not valid', [
        { message: `Email address ${value} is invalid`, code: 'INVALID_EMAIL', context: { propertyName: ['email'] } },
      ])
  }
}

/** Moves the claims on unique values from what an object had to what it has; throws 409 when another holds one. */
const claim = (db: Database, kind: CrmKind, id: number, before: CrmProperties, after: CrmProperties): void => {
  for (const property of uniqueProperties(kind)) {
    const [old, value] = [before[property] ?? '', after[property] ?? '']
    if (old === value) continue
    const holder = value === '' ? undefined : holderOf(db, kind, property, value)
    if (holder !== undefined && holder !== id) throw duplicate(kind, property, value, holder)
    db.prepare('delete from crm_unique where kind = ? and property = ? and object = ?').run(kind, property, id)
    if (value !== '')
      db.prepare('insert into crm_unique values (?, ?, ?, ?)').run(kind, property, comparable(property, value), id)
  }
}

/** Adds an object inside the caller's transaction. */
export const insertObject = (db: Database, kind: CrmKind, properties: CrmProperties): CrmObject => {
  check(kind, properties)
  if ((kind === 'notes' || kind === 'tasks') && properties['hs_timestamp'] === undefined)
    throw invalid(`Error creating ${kind === 'notes' ? 'NOTE' : 'TASK'}. Some required properties were not set.`, [
      { message: 'hs_timestamp', code: 'REQUIRED_PROPERTY', context: { properties: ['hs_timestamp'] } },
    ])
  const now = new Date().toISOString()
  const { lastInsertRowid } = db
    .prepare('insert into crm_object (kind, properties, created, updated) values (?, ?, ?, ?)')
    .run(kind, JSON.stringify(properties), now, now)
  const id = Number(lastInsertRowid)
  claim(db, kind, id, {}, properties)
  return { id, kind, properties, created: now, updated: now }
}

/** Changes some properties of an object inside the caller's transaction; an empty value clears one. */
export const patchObject = (db: Database, object: CrmObject, patch: CrmProperties): CrmObject => {
  check(object.kind, patch)
  const merged = Object.fromEntries(
    Object.entries({ ...object.properties, ...patch }).filter(([, value]) => value !== ''),
  )
  claim(db, object.kind, object.id, object.properties, merged)
  const updated = new Date().toISOString()
  db.prepare('update crm_object set properties = ?, updated = ? where id = ?').run(
    JSON.stringify(merged),
    updated,
    object.id,
  )
  return { ...object, properties: merged, updated }
}

/** Archives an object; its unique values become free. Archiving twice is no error, as with the vendor. */
export const archiveObject = (db: Database, kind: CrmKind, id: string): void => {
  if (!/^\d{1,15}$/.test(id)) return
  transaction(db, () => {
    db.prepare('update crm_object set archived = 1 where id = ? and kind = ?').run(Number(id), kind)
    db.prepare('delete from crm_unique where object = ? and kind = ?').run(Number(id), kind)
  })
}

/** Live objects of a kind with ids above `after`, by id. */
export const listObjects = (db: Database, kind: CrmKind, after: number, limit: number): CrmObject[] =>
  db
    .prepare('select * from crm_object where kind = ? and archived = 0 and id > ? order by id limit ?')
    .all(kind, after, limit)
    .map(fromRow)
