import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Client } from 'pg'
import { dbSchema, rolePassword } from '#activities/database.ts'
import { migrations } from '#schemas/migrations/index.ts'
import { dbRoles } from '#schemas/migrations/row-security.ts'
import { databaseProblem, requireNewEnough } from './local/database-problem.ts'
import { explained, Problem } from './local/problem.ts'

const connectionTimeoutMillis = 10_000

/** Two processes that migrate at once wait for each other on this number. */
const lock = 4_700_001

/** A login may change the roles that it has made, or that it was given by who made them. */
const requireOwnRoles = async (client: Client): Promise<void> => {
  const { rows } = await client.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname = any($1)
      and not pg_has_role(current_user, oid, 'member with admin option')
      and (select rolcreaterole from pg_roles where rolname = current_user) order by rolname`,
    [Object.values(dbRoles)],
  )
  if (rows.length === 0) return
  const names = rows.map((row) => row.rolname).join(', ')
  throw new Problem(
    `The roles ${names} on this database server were made by another login.`,
    `Use that login in DATABASE_URL, or let it \`grant ${names} to … with admin option\`, and start again.`,
  )
}

const createRoles = async (client: Client, key: string): Promise<void> => {
  await requireOwnRoles(client)
  for (const role of Object.values(dbRoles)) {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
    const login = role === dbRoles.owner ? 'nologin' : `login password '${rolePassword(key, role)}'`
    if (rowCount === 0) await client.query(`create role ${role} nosuperuser nobypassrls noinherit ${login}`)
    await client.query(`alter role ${role} set search_path = ${dbSchema}`)
    await client.query(`alter role ${role} set timezone = 'UTC'`)
  }
  await client.query(`grant ${dbRoles.owner} to current_user with set true`)
}

const createSchema = async (client: Client): Promise<void> => {
  await client.query(`create schema if not exists ${dbSchema} authorization ${dbRoles.owner}`)
  await client.query(`grant usage on schema ${dbSchema} to ${dbRoles.app}, ${dbRoles.system}`)
}

/**
 * Brings the database at `databaseUrl` (a login that may create roles and a schema) to the newest schema, under an
 * advisory lock; running it again changes nothing. Gives the names of the migrations it ran. A database that
 * knows a migration this code does not is newer than the code, and is refused.
 */
export async function migrate(databaseUrl: string, key: string): Promise<string[]> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'auterity migrate',
    connectionTimeoutMillis,
  })
  try {
    await client.connect()
    await requireNewEnough(client)
    await client.query('select pg_advisory_lock($1)', [lock])
    // all or nothing: roles that are left behind would belong to a login that is not the one in the end
    await client.query('begin')
    await createRoles(client, key)
    await createSchema(client)
    await client.query('commit')
    await client.query(`set role ${dbRoles.owner}`)
    await client.query(`set search_path = ${dbSchema}`)
    const ran = await runMigrations(client)
    await logIn(databaseUrl, key)
    return ran
  } catch (error) {
    throw databaseProblem(error, databaseUrl)
  } finally {
    await client.end()
  }
}

/** The roles' passwords come from the key: with another key than they were made with, no process could log in. */
const logIn = async (databaseUrl: string, key: string): Promise<void> => {
  const url = new URL(databaseUrl)
  url.username = dbRoles.app
  url.password = rolePassword(key, dbRoles.app)
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis })
  try {
    await client.connect()
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') throw error
    const what = 'This database server was set up with another AUTERITY_KEY: the passwords of its roles come from it.'
    const next = 'Set that key, or the AUTERITY_HOME whose file `key` holds it, or use a server of its own.'
    throw new Problem(what, next, error)
  } finally {
    await client.end()
  }
}

const runMigrations = async (client: Client): Promise<string[]> => {
  // Kysely asks a pool for connections; all of them have to be this one, which holds the lock and the role.
  const single = {
    connect: async () => Object.assign(client, { release: () => {} }),
    end: async () => {},
    options: {},
  }
  const db = new Kysely<never>({ dialect: new PostgresDialect({ pool: single }) })
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: dbSchema,
  })
  const known = await migrator.getMigrations()
  await refuseNewer(db, new Set(known.map((m) => m.name)))
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
  return results.map((r) => r.migrationName)
}

const refuseNewer = async (db: Kysely<never>, known: Set<string>): Promise<void> => {
  const { rows: found } = await sql<{
    t: string | null
  }>`select to_regclass(${`${dbSchema}.kysely_migration`}) t`.execute(db)
  if (found[0]?.t == null) return
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(`${dbSchema}.kysely_migration`)}`.execute(
    db,
  )
  const newer = rows.map((r) => r.name).filter((name) => !known.has(name))
  if (newer.length > 0)
    throw new Problem(
      `This database was written by a newer Auterity (it knows ${newer.join(', ')}); nothing was touched.`,
      'Start that version, or set AUTERITY_HOME (or DATABASE_URL) to another place.',
    )
}

if (import.meta.main) {
  const { DATABASE_URL: url, AUTERITY_KEY: key } = process.env
  if (url === undefined || key === undefined) throw new Error('deploy/migrate.ts needs DATABASE_URL and AUTERITY_KEY.')
  try {
    const ran = await migrate(url, key)
    process.stdout.write(`${JSON.stringify({ level: 'info', message: 'migrated', ran })}\n`)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = explained
  }
}
