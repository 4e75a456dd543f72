import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, testKey, type TestDatabase } from '#test/harness/database.ts'
import { freePort } from './local/ports.ts'
import { Problem } from './local/problem.ts'
import { migrate } from './migrate.ts'

let database: TestDatabase
let admin: Client
const role = `small_${randomBytes(4).toString('hex')}`

beforeAll(async () => {
  database = await testDatabase()
  admin = new Client({ connectionString: database.url })
  await admin.connect()
  await admin.query(`create role ${role} login password 'small'`)
})
afterAll(async () => {
  await admin.query(`drop role ${role}`)
  await admin.end()
  await database[Symbol.asyncDispose]()
})

const elsewhere = (change: (url: URL) => void): string => {
  const url = new URL(database.url)
  change(url)
  return url.href
}
const refusal = async (url: string, key = testKey): Promise<string> => {
  const error: unknown = await migrate(url, key).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Problem)
  return (error as Problem).message
}

test('running it again changes nothing', async () => {
  expect(await migrate(database.url, testKey)).toEqual([])
})

test('a login that may not make roles is told which rights it needs', async () => {
  const url = elsewhere((it) => Object.assign(it, { username: role, password: 'small' }))
  expect(await refusal(url)).toContain('may not make the roles and the schema. Give it the right')
})

test('a login that may make roles, but did not make those that are there, is told who may', async () => {
  await admin.query(`alter role ${role} createrole`)
  const url = elsewhere((it) => Object.assign(it, { username: role, password: 'small' }))
  expect(await refusal(url)).toMatch(
    /^The roles auterity_app, .* on this database server were made by another login\. Use that login in DATABASE_URL/,
  )
})

test('a wrong password, a database that is not there, and a server that is not there are said so', async () => {
  expect(await refusal(elsewhere((url) => (url.password = 'wrong')))).toContain('refuses the password')
  expect(await refusal(elsewhere((url) => (url.pathname = '/nowhere')))).toContain('no database nowhere. Create it')
  const port = await freePort()
  expect(await refusal(elsewhere((url) => (url.port = String(port))))).toContain(`127.0.0.1:${port} does not answer`)
})

test('a database that was set up with another key is refused: its passwords come from it', async () => {
  const other = randomBytes(32).toString('base64')
  expect(await refusal(database.url, other)).toContain('was set up with another AUTERITY_KEY')
})

test('a database of a newer Auterity is refused and not touched', async () => {
  const table = 'auterity.kysely_migration'
  await admin.query(`insert into ${table} (name, timestamp) values ('9999_future', '')`)
  expect(await refusal(database.url)).toContain('newer Auterity (it knows 9999_future); nothing was touched.')
  await admin.query(`delete from ${table} where name = '9999_future'`)
})
