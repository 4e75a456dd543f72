import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { choosePorts, openHome, secretOf } from './home.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'auterity-home-'))
})

afterEach(() => rmSync(home, { recursive: true, force: true }))

test('a port that was asked for and is occupied is refused', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(choosePorts(home, port)).rejects.toThrow(`Port ${port} is occupied.`)
  server.close()
})

test('the second start gets the same ports', async () => {
  const first = await choosePorts(home, undefined)
  expect(await choosePorts(home, undefined)).toEqual(first)
})

test('a home of a newer layout is refused', () => {
  openHome(home)
  writeFileSync(join(home, 'version'), '2\n')
  expect(() => openHome(home)).toThrow('has layout 2, and this Auterity knows 1')
})

test('a home that cannot be made is said so', () => {
  writeFileSync(join(home, 'file'), '')
  expect(() => openHome(join(home, 'file'))).toThrow('cannot be made: its place is read-only, or a file. Set AUTERITY')
})

test('a secret is made once and readable by its owner only', () => {
  const key = secretOf(home, 'key')
  expect(Buffer.from(key, 'base64')).toHaveLength(32)
  expect(secretOf(home, 'key')).toBe(key)
  expect(statSync(join(home, 'key')).mode & 0o777).toBe(0o600)
})
