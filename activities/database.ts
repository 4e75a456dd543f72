import { hkdfSync } from 'node:crypto'
import {
  CompiledQuery,
  Kysely,
  PostgresDialect,
  PostgresDriver,
  type DatabaseConnection,
  type Transaction,
} from 'kysely'
import { escapeLiteral, Pool } from 'pg'
import { dbRoles } from '#schemas/migrations/row-security.ts'
import type { Database } from '#schemas/tables/index.ts'
import type { Context } from '#schemas/tenancy.ts'
import { StatementDialect } from './statement.ts'

export type Tx = Transaction<Database>

/** For a single statement, which is a transaction by itself. */
export type Db = Kysely<Database>

/**
 * The two ways into the database. `app` sees one tenant per transaction and nothing without one; `system` is
 * for the doors and the cross-tenant processes. Reach them through `withTenant` and `withSystem`.
 */
export type Databases = {
  readonly app: Kysely<Database>
  readonly system: Kysely<Database>
  readonly pools: { readonly app: Pool; readonly system: Pool }
  close(): Promise<void>
}

export const dbSchema = 'auterity'

/** The password of a role, from the platform key: each process can derive it and none has to store it. */
export const rolePassword = (key: string, role: string): string =>
  Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64'), '', `postgres:${role}`, 24)).toString('base64url')

export const roleUrl = (databaseUrl: string, key: string, role: string): string => {
  const url = new URL(databaseUrl)
  url.username = role
  url.password = rolePassword(key, role)
  return url.href
}

const openPool = (databaseUrl: string, key: string, role: string, max: number, name: string): Pool => {
  const pool = new Pool({
    connectionString: roleUrl(databaseUrl, key, role),
    max,
    application_name: `auterity ${name}`,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    pipeline: true,
  })
  // an idle connection may die with the server; the pool replaces it, and the next query tells if it cannot
  pool.on('error', () => {})
  // so may one that is lent out, between two queries; without a listener Node would end the process
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Opens both pools. Connections are made when first used, so a database that is away fails the query, not this. */
export function connectDatabase(options: { databaseUrl: string; key: string; name: string; max?: number }): Databases {
  const { databaseUrl, key, name, max = 10 } = options
  const appPool = openPool(databaseUrl, key, dbRoles.app, max, name)
  const systemPool = openPool(databaseUrl, key, dbRoles.system, max, name)
  const app = new Kysely<Database>({ dialect: new PostgresDialect({ pool: appPool }) })
  const system = new Kysely<Database>({ dialect: new PostgresDialect({ pool: systemPool }) })
  const close = async () => {
    await Promise.all([appPool.end(), systemPool.end()])
  }
  return { app, system, pools: { app: appPool, system: systemPool }, close }
}

const beginFor = (tenant: string): string =>
  `begin; select set_config('auterity.tenant', ${escapeLiteral(tenant)}, true)`

/**
 * For one transaction: its beginning, and whose it is, travel with its first statement, because nearly every request
 * pays for each trip to the server. A connection keeps the order of what it is sent.
 */
class TenantDriver extends PostgresDriver {
  readonly #begin: string
  #begun: Promise<unknown> = Promise.resolve()

  constructor(pool: Pool, tenant: string) {
    super({ pool })
    this.#begin = beginFor(tenant)
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    this.#begun = connection.executeQuery(CompiledQuery.raw(this.#begin))
    // told when it commits; what it ended with, the statements after it end with too
    this.#begun.catch(() => {})
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#begun
    await super.commitTransaction(connection)
  }
}

class TenantDialect extends PostgresDialect {
  readonly #driver: TenantDriver

  constructor(pool: Pool, tenant: string) {
    super({ pool })
    this.#driver = new TenantDriver(pool, tenant)
  }

  override createDriver(): TenantDriver {
    return this.#driver
  }
}

/** The rows of `ctx.tenant` for single statements: each is a transaction of its own, and takes one trip. */
export const asTenant = (db: Databases, ctx: Pick<Context, 'tenant'>): Db =>
  new Kysely<Database>({ dialect: new StatementDialect(db.pools.app, beginFor(ctx.tenant)) })

/** One transaction that sees the rows of `ctx.tenant` only; commits when `work` resolves, else rolls back. */
export const withTenant = <T>(db: Databases, ctx: Pick<Context, 'tenant'>, work: (tx: Tx) => Promise<T>): Promise<T> =>
  new Kysely<Database>({ dialect: new TenantDialect(db.pools.app, ctx.tenant) }).transaction().execute(work)

/** One transaction across tenants: for the doors, before the tenant is known, and the platform's own processes. */
export const withSystem = <T>(db: Databases, work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.system.transaction().execute(work)

/** `value` with every text in it as Postgres takes it: without NUL, and without halves of surrogate pairs. */
export const storable = <T>(value: T): T => {
  const clean = (one: unknown): unknown => {
    if (typeof one === 'string') return one.replaceAll('\0', '').toWellFormed()
    if (Array.isArray(one)) return one.map(clean)
    if (typeof one !== 'object' || one === null || one instanceof Date) return one
    return Object.fromEntries(Object.entries(one).map(([name, part]) => [name, clean(part)]))
  }
  return clean(value) as T
}
