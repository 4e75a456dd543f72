import type { PoolClient } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dbRoles } from '#schemas/migrations/row-security.ts'
import { type Catalog, openCatalog, plantRow } from './harness/catalog.ts'
import { type TestDatabase, testDatabase } from './harness/database.ts'
import { declaredColumns } from './harness/row-types.ts'

let database: TestDatabase
let catalog: Catalog

beforeAll(async () => {
  database = await testDatabase()
  catalog = await openCatalog(database.url)
  for (const table of await catalog.tables())
    for (const tenant of ['tenant-a', 'tenant-b'].slice(0, platformTables[table] === undefined ? 2 : 1))
      await plantRow(catalog, table, tenant)
})

afterAll(async () => {
  await catalog[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Tables without a tenant, with what keeps them apart instead. */
const platformTables: Record<string, string> = {
  process: 'heartbeats of our own processes, which every role may read',
  gateway_budget_holder: 'the same of those that lease of budgets; which tenant leases what stands with the leases',
  sign_in_throttle: 'failures by e-mail and address, which only the system role reaches',
}
const sharedTables: Record<string, string> = {
  tenant: 'its id is the tenant',
  user_account: 'a person may belong to several tenants; a tenant sees its members',
}

test('every table says whose its rows are', async () => {
  const owned = await catalog.rows<{ table_name: string }>(
    `select table_name from information_schema.columns
     where table_schema = 'auterity' and column_name = 'tenant_id' and is_nullable = 'NO'
       and not (select relispartition from pg_class where oid = ('auterity.' || table_name)::regclass)`,
  )
  const named = [...owned.map((row) => row.table_name), ...Object.keys(platformTables), ...Object.keys(sharedTables)]
  expect(await catalog.tables()).toEqual(named.sort())
})

test('row security is on and forced on every table', async () => {
  const open = await catalog.rows(
    `select relname from pg_class where relnamespace = 'auterity'::regnamespace and relname = any($1)
     and not (relrowsecurity and relforcerowsecurity)`,
    [await catalog.tables()],
  )
  expect(open).toEqual([])
})

test('a part of a table is reached through the whole alone', async () => {
  await catalog.rows(`select open_gateway_day('20261122', 'mrq_01', 'mrq_02')`)
  const open = await catalog.rows(
    `select relname from pg_class where relnamespace = 'auterity'::regnamespace and relispartition and relkind = 'r'
     and (not (relrowsecurity and relforcerowsecurity)
       or exists (select from aclexplode(relacl) where grantee <> relowner)
       or exists (select from pg_policy where polrelid = pg_class.oid))`,
  )
  expect(open).toEqual([])
})

type Policy = { tablename: string; policyname: string; cmd: string; roles: string; qual: string; with_check: string }

test('every policy limits what is read and what is written, and those of the app name the tenant', async () => {
  const policies = await catalog.rows<Policy>(`select *, roles::text from pg_policies where schemaname = 'auterity'`)
  const half = policies.filter(
    ({ cmd, qual, with_check }) => (cmd !== 'INSERT' && !qual) || (!['SELECT', 'DELETE'].includes(cmd) && !with_check),
  )
  expect(half).toEqual([])
  const wide = policies.filter(
    ({ roles, qual, with_check, tablename }) =>
      roles !== `{${dbRoles.system}}` &&
      platformTables[tablename] === undefined &&
      ![qual, with_check].every((rule) => rule.includes('auterity.tenant')),
  )
  expect(wide).toEqual([])
})

test('no role of ours can get past a policy', async () => {
  const roles = await catalog.rows(
    `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles
     where rolname = any($1) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`,
    [Object.values(dbRoles)],
  )
  expect(roles).toEqual([])
  const owned = await catalog.rows(
    `select relname from pg_class where relnamespace = 'auterity'::regnamespace and relkind = 'r'
     and relowner <> $1::regrole`,
    [dbRoles.owner],
  )
  expect(owned).toEqual([])
  const members = await catalog.rows(`select from pg_auth_members where member::regrole::text = any($1)`, [
    Object.values(dbRoles),
  ])
  expect(members).toEqual([])
})

test('nobody may truncate: that asks no policy', async () => {
  const grants = await catalog.rows(
    `select grantee, table_name from information_schema.role_table_grants
     where table_schema = 'auterity' and privilege_type = 'TRUNCATE' and grantee <> $1`,
    [dbRoles.owner],
  )
  expect(grants).toEqual([])
})

/** Functions that do what their caller may not, and why that is harmless. */
const lending: Record<string, string> = {
  open_gateway_day: 'makes room for the requests of a day, and nothing else',
}

test('no function and no view lends the rights of its owner', async () => {
  const functions = await catalog.rows(
    `select proname from pg_proc where pronamespace = 'auterity'::regnamespace and prosecdef and proname <> all($1)`,
    [Object.keys(lending)],
  )
  const views = await catalog.rows(
    `select relname from pg_class where relnamespace = 'auterity'::regnamespace and relkind in ('v', 'm')`,
  )
  expect([...functions, ...views]).toEqual([])
})

/** What is unique across all tenants. An id is drawn by us at random, so that it tells nobody about another's rows. */
const acrossTenants: Record<string, string> = {
  api_key_key_hash_key: 'the key alone has to find its tenant',
  gateway_key_secret_pkey: 'the key alone has to find its tenant',
  session_token_hash_key: 'the cookie alone has to find its tenant',
  sign_in_link_token_hash_key: 'the link alone has to find its tenant',
  tenant_slug_key: 'stands in public addresses',
  user_account_email_key: 'one account for a person, whatever the tenants; written by the system role only',
  sign_in_throttle_pkey: 'counts before any tenant is known',
}

test('what is unique across tenants is an id of ours, or stands in a list with its reason', async () => {
  const found = await catalog.rows<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attname) as columns
     from pg_index i join pg_class c on c.oid = i.indexrelid
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indisunique and c.relnamespace = 'auterity'::regnamespace and c.relname not like 'kysely%'
     group by 1`,
  )
  const drawnByUs = ({ columns }: { columns: string[] }) =>
    columns.includes('id') || columns.some((c) => /^(run|receipt|batch|file|request)_id$/.test(c))
  const wide = found.filter((index) => !index.columns.includes('tenant_id') && !drawnByUs(index))
  expect(wide.map(({ name }) => name).sort()).toEqual(Object.keys(acrossTenants).sort())
})

test('row types name the columns of the database, and which may be null', async () => {
  const real = await catalog.rows<{ table: string; column: string; nullable: boolean }>(
    `select table_name as "table", column_name as "column", is_nullable = 'YES' as nullable
     from information_schema.columns where table_schema = 'auterity' and table_name = any($1)`,
    [await catalog.tables()],
  )
  const line = ({ table, column, nullable }: { table: string; column: string; nullable: boolean }) =>
    `${table}.${column}${nullable ? ' | null' : ''}`
  expect(declaredColumns().map(line).sort()).toEqual(real.map(line).sort())
})

/** Runs `work` on a connection of the app role, in a transaction that is rolled back. */
const asApp = async <T>(tenant: string | undefined, work: (client: PoolClient) => Promise<T>): Promise<T> => {
  const client = await database.db.pools.app.connect()
  try {
    await client.query('begin')
    if (tenant !== undefined) await client.query(`select set_config('auterity.tenant', $1, true)`, [tenant])
    return await work(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

/** The tables on which the app role has that right. */
const granted = async (right: string): Promise<string[]> => {
  const rows = await catalog.rows<{ table_name: string }>(
    `select table_name from information_schema.role_table_grants
     where table_schema = 'auterity' and grantee = $1 and privilege_type = $2 order by 1`,
    [dbRoles.app, right],
  )
  return rows.map(({ table_name }) => table_name).filter((table) => platformTables[table] === undefined)
}

const seen = (client: PoolClient, table: string): Promise<object[]> =>
  client.query(`select * from "${table}"`).then(({ rows }) => rows as object[])

test('without a tenant the app sees no row of any table', async () => {
  for (const table of await granted('SELECT'))
    expect(await asApp(undefined, (client) => seen(client, table)), table).toEqual([])
})

test('a tenant left over from an earlier transaction is gone', async () => {
  await asApp('tenant-a', (client) => seen(client, 'run'))
  expect(await asApp(undefined, (client) => seen(client, 'run'))).toEqual([])
})

test('with a tenant the app sees its own row of every table, and none of another', async () => {
  for (const table of await granted('SELECT')) {
    const rows = await asApp('tenant-a', (client) => seen(client, table))
    expect(rows, table).toHaveLength(1)
    expect(JSON.stringify(rows), table).toContain('tenant-a')
    expect(JSON.stringify(rows), table).not.toContain('tenant-b')
  }
})

test('the app can neither change nor delete a row of another tenant', async () => {
  for (const table of await granted('DELETE')) {
    const { rowCount } = await asApp('tenant-a', (client) => client.query(`delete from "${table}"`))
    expect(rowCount, table).toBe(1)
  }
  for (const table of await granted('UPDATE')) {
    const give = asApp('tenant-a', (client) => client.query(`update "${table}" set tenant_id = 'tenant-b'`))
    await expect(give, table).rejects.toThrow(/row-level security/)
  }
})

test('the app cannot write a row for another tenant', async () => {
  for (const table of await granted('INSERT')) {
    const columns = await catalog.rows<{ name: string }>(
      `select column_name as name from information_schema.columns
       where table_schema = 'auterity' and table_name = $1 and is_generated = 'NEVER' and is_identity = 'NO'`,
      [table],
    )
    const names = columns.map(({ name }) => `"${name}"`).join(', ')
    const values = columns.map(({ name }) => (name === 'tenant_id' ? `'tenant-b'` : `"${name}"`)).join(', ')
    const copy = asApp('tenant-a', (client) =>
      client.query(`insert into "${table}" (${names}) select ${values} from "${table}"`),
    )
    await expect(copy, table).rejects.toThrow(/row-level security/)
  }
})
