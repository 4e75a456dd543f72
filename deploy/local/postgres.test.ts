import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from './postgres.ts'

let home: string
const password = 'p@ss/word'

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'auterity-postgres-'))
  chmodSync(home, 0o711) // the user who runs PostgreSQL for root has to get through
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

test('what was committed is there after kill -9, on the same port; a second server is refused', async () => {
  const first = await startPostgres({ home, password })
  await query(first.url, 'create table kept as select 7 as n')
  await expect(startPostgres({ home, password })).rejects.toThrow('already running')
  process.kill(first.pid, 'SIGKILL')
  expect(await first.exited).toMatchObject({ signal: 'SIGKILL' })
  const second = await startPostgres({ home, password, port: first.port })
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }])
  await expect(query(second.url.replace('%40', 'x'), 'select 1')).rejects.toThrow('password authentication failed')
  await second.stop()
  expect(await second.exited).toMatchObject({ code: 0 })
}, 60_000)

test('data of another major version is refused and not touched', async () => {
  writeFileSync(join(home, 'postgres/PG_VERSION'), '19\n')
  await expect(startPostgres({ home, password })).rejects.toThrow('belongs to PostgreSQL 19, and this is 18')
})
