import { PostgresDialect, type CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import type { Pool, PoolClient } from 'pg'

/** The most statements of this process that the server keeps planned, for each of its connections. */
const mostPlanned = 100
const names = new Map<string, string>()

/** The name under which the server keeps the plan of a statement; what comes after the first hundred gets none. */
const nameOf = (text: string): string | undefined => {
  const known = names.get(text)
  if (known !== undefined || names.size >= mostPlanned) return known
  const name = `statement ${names.size}`
  names.set(text, name)
  return name
}

/** PostgreSQL's `feature_not_supported`: "cached plan must not change result type", after a migration. */
const planIsOld = (error: unknown): boolean => (error as { code?: string }).code === '0A000'

/**
 * Sends each statement as a transaction of its own in one trip: `begin`, the statement and the commit follow each
 * other without waiting, and the server answers them in that order (pg's `pipeline`).
 */
class Connection implements DatabaseConnection {
  readonly client: PoolClient
  readonly #begin: string

  constructor(client: PoolClient, begin: string) {
    this.client = client
    this.#begin = begin
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const name = nameOf(sql)
    try {
      return await this.#send(sql, parameters, name)
    } catch (error) {
      // nothing was done, so it may be done now
      if (name === undefined || !planIsOld(error)) throw error
      return this.#send(sql, parameters)
    }
  }

  streamQuery(): never {
    throw new Error('A statement in one trip gives its rows at once.')
  }

  async #send<R>(text: string, parameters: readonly unknown[], name?: string): Promise<QueryResult<R>> {
    // all three are waited for, so that the connection is given back with nothing on its way; after a statement that
    // failed the commit is a rollback
    const [begun, done, ended] = await Promise.allSettled([
      this.client.query(this.#begin),
      this.client.query({ text, values: [...parameters], ...(name === undefined ? {} : { name }) }),
      this.client.query('commit'),
    ])
    if (begun.status === 'rejected') throw begun.reason
    if (done.status === 'rejected') throw done.reason
    if (ended.status === 'rejected') throw ended.reason
    const { rows, rowCount } = done.value
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
  }
}

const noTransaction = (): never => {
  throw new Error('Each statement is a transaction of its own here.')
}

/** A dialect for single statements; `begin` opens each one's transaction. */
export class StatementDialect extends PostgresDialect {
  readonly #driver: Driver

  constructor(pool: Pool, begin: string) {
    super({ pool })
    this.#driver = {
      init: async () => {},
      destroy: async () => {},
      acquireConnection: async () => new Connection(await pool.connect(), begin),
      releaseConnection: async (connection) => (connection as Connection).client.release(),
      beginTransaction: noTransaction,
      commitTransaction: noTransaction,
      rollbackTransaction: noTransaction,
    }
  }

  override createDriver(): Driver {
    return this.#driver
  }
}
