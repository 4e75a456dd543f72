import { Client } from 'pg'

/** What a migration tool keeps for itself. */
const notOurs = `('kysely_migration', 'kysely_migration_lock')`

export type Catalog = AsyncDisposable & {
  rows<T>(text: string, values?: unknown[]): Promise<T[]>
  tables(): Promise<string[]>
}

/** The database as its superuser sees it, whom no policy holds back. */
export async function openCatalog(url: string): Promise<Catalog> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('set search_path = auterity')
  const rows = async <T>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await client.query(text, values)).rows as T[]
  return {
    rows,
    tables: async () => {
      const found = await rows<{ name: string }>(
        `select relname as name from pg_class
         where relnamespace = 'auterity'::regnamespace and relkind in ('r', 'p') and not relispartition and relname not in ${notOurs} order by 1`,
      )
      return found.map(({ name }) => name)
    },
    [Symbol.asyncDispose]: () => client.end(),
  }
}

type ColumnInfo = { column: string; type: string; check: string | null }

/** Of each type, a value that says whose it is where it can. */
const valueFor = ({ type, check }: ColumnInfo, tenant: string): unknown => {
  const allowed = /ARRAY\['([^']+)'/.exec(check ?? '')?.[1]
  if (allowed !== undefined) return allowed
  if (type === 'text') return `mark-${tenant}`
  if (type === 'bytea') return Buffer.from(tenant)
  if (type === 'jsonb') return '{}'
  if (type === 'boolean') return false
  if (type.startsWith('timestamp')) return new Date(0)
  if (type.endsWith('[]')) return []
  return 1
}

/** Puts one row of `tenant` into `table`, past all policies and references; the text columns are `mark-<tenant>`. */
export async function plantRow(catalog: Catalog, table: string, tenant: string): Promise<void> {
  const columns = await catalog.rows<ColumnInfo>(
    `select a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
       (select pg_get_constraintdef(c.oid) from pg_constraint c
        where c.conrelid = a.attrelid and c.contype = 'c' and c.conkey = array[a.attnum] limit 1) as check
     from pg_attribute a
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
       and a.attnotnull and not a.atthasdef and a.attidentity = ''`,
    [table],
  )
  const isOwn = (column: string): boolean => column === 'tenant_id' || (table === 'tenant' && column === 'id')
  const values = columns.map((info) => (isOwn(info.column) ? tenant : valueFor(info, tenant)))
  const names = columns.map(({ column }) => `"${column}"`).join(', ')
  await catalog.rows('set session_replication_role = replica')
  await catalog.rows(
    `insert into "${table}" (${names}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    values,
  )
  await catalog.rows('set session_replication_role = origin')
}
