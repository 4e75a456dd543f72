import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { connectDatabase, withSystem, type Databases } from '#activities/database.ts'
import { createTenant } from '#activities/tenancy/store.ts'
import { migrate } from '#deploy/migrate.ts'
import { scopes } from '#schemas/access.ts'
import { newId } from '#schemas/ids.ts'
import type { Context } from '#schemas/tenancy.ts'

/** One platform key for a whole test run: the roles of the server belong to it. */
export const testKey = Buffer.alloc(32, 7).toString('base64')

const template = 'auterity_template'

const adminUrl = (): string => {
  const url = process.env['AUTERITY_TEST_DATABASE_URL']
  if (url === undefined) throw new Error('AUTERITY_TEST_DATABASE_URL is not set: run tests through `npm test`.')
  return url
}

const withAdmin = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: adminUrl() })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const urlOf = (database: string): string => Object.assign(new URL(adminUrl()), { pathname: `/${database}` }).href

/** Makes the migrated template that every test database is copied from. Once a run. */
export async function prepareTemplate(): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.query(`drop database if exists ${template}`)
    await admin.query(`create database ${template}`)
  })
  await migrate(urlOf(template), testKey)
}

export type TestDatabase = AsyncDisposable & { url: string; key: string; db: Databases }

/** A migrated database of one's own, gone when disposed. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await withAdmin(async (admin) => {
    // copies of one template wait for each other
    await admin.query('select pg_advisory_lock(4700002)')
    await admin.query(`create database ${name} template ${template}`)
  })
  const url = urlOf(name)
  const db = connectDatabase({ databaseUrl: url, key: testKey, name: 'test', max: 5 })
  return {
    url,
    key: testKey,
    db,
    async [Symbol.asyncDispose]() {
      await db.close()
      await withAdmin((admin) => admin.query(`drop database ${name} with (force)`))
    },
  }
}

/** A tenant with nobody in it, and a context that may do all there. */
export async function testTenant(db: Databases, slug = `t-${randomBytes(4).toString('hex')}`): Promise<Context> {
  const tenant = await withSystem(db, (tx) => createTenant(tx, { slug, name: `Tenant ${slug}` }))
  return { tenant, actor: { kind: 'user', id: newId('user'), name: 'Test' }, scopes }
}
