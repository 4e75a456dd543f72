import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type Database = DatabaseSync

const TABLES = `
create table if not exists setting (name text primary key, value text not null) without rowid;
create table if not exists crm_object (
  id integer primary key autoincrement, kind text not null, properties text not null,
  created text not null, updated text not null, archived integer not null default 0);
create index if not exists crm_object_by_kind on crm_object (kind, id);
create table if not exists crm_unique (
  kind text not null, property text not null, value text not null, object integer not null,
  primary key (kind, property, value)) without rowid;
create table if not exists crm_association (
  from_kind text not null, from_id integer not null, to_kind text not null, to_id integer not null,
  primary key (from_kind, from_id, to_kind, to_id)) without rowid;
create table if not exists dms_customer (
  id integer primary key autoincrement, body text not null, version integer not null default 1);
create table if not exists dms_vehicle (
  id text primary key, stock_number text not null unique, vin text not null unique, body text not null) without rowid;
create table if not exists dms_token (token text primary key, expires integer not null) without rowid;
create table if not exists mail (
  id text primary key, lead text, body text not null, created text not null);
create table if not exists mail_key (key text primary key, digest text not null, mail text not null) without rowid;
create table if not exists sms (
  id text primary key, number text not null, body text not null, created text not null);
create index if not exists sms_by_number on sms (number, created);
create table if not exists dms_appointment (
  id integer primary key autoincrement, reference text unique, body text not null, version integer not null default 1);
create table if not exists dms_owned_vehicle (vin text primary key, body text not null) without rowid;
create table if not exists outbox (
  id text primary key, lead text not null, content_type text not null, body text not null, url text, secret text,
  attempts integer not null default 0, due integer not null, status integer, delivered text);
create table if not exists trickled (message text primary key, receipt text unique) without rowid;
create index if not exists outbox_waiting on outbox (due) where delivered is null;
`

/**
 * Opens the one file that holds all the pretend systems know. Each statement outside a transaction is durable
 * when it returns (WAL, synchronous=full): a vendor does not forget what it acknowledged when it is killed.
 */
export const openState = (path: string): Database => {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const db = new DatabaseSync(path)
  db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000;')
  db.exec(TABLES)
  return db
}

/** Runs `work` in one transaction: all of it is kept, or (when it throws) none. */
export const transaction = <T>(db: Database, work: () => T): T => {
  db.exec('begin immediate')
  try {
    const result = work()
    db.exec('commit')
    return result
  } catch (error) {
    db.exec('rollback')
    throw error
  }
}

/** A stored setting (JSON), or undefined. */
export const readSetting = (db: Database, name: string): unknown => {
  const row = db.prepare('select value from setting where name = ?').get(name)
  return row === undefined ? undefined : JSON.parse(String(row['value']))
}

export const writeSetting = (db: Database, name: string, value: unknown): void => {
  db.prepare('insert into setting values (?, ?) on conflict (name) do update set value = excluded.value').run(
    name,
    JSON.stringify(value),
  )
}
