import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { link, removeOrphans } from './postgres-orphans.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auterity-orphans-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const installation = (name: string) => {
  const home = join(folder, `home-${name}`)
  const room = join(folder, `data-${name}`)
  const place = join(room, 'postgres')
  mkdirSync(home)
  mkdirSync(place, { recursive: true })
  link(room, place, join(home, 'postgres'))
  return { home, room, place }
}

test('the data of a deleted home is removed, that of a living one is kept', () => {
  const gone = installation('gone')
  const kept = installation('kept')
  rmSync(gone.home, { recursive: true })
  removeOrphans(folder)
  expect(existsSync(gone.room)).toBe(false)
  expect(existsSync(kept.place)).toBe(true)
})

test('data that a server runs on, and a room in the making, are left alone', () => {
  const served = installation('served')
  writeFileSync(join(served.place, 'postmaster.pid'), `${process.pid}\n`)
  rmSync(served.home, { recursive: true })
  const making = join(folder, 'data-making')
  mkdirSync(making)
  removeOrphans(folder)
  expect(existsSync(served.place)).toBe(true)
  expect(existsSync(making)).toBe(true)
})
