import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildBundle } from './build-bundle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auterity-bundle-'))
  for (const one of ['home', 'root/workflows']) mkdirSync(join(folder, one), { recursive: true })
  writeFileSync(join(folder, 'root/workflows/lead.ts'), 'export const lead = 1')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the bundle is made once for the sources as they stand, and again when one of them has changed', async () => {
  const made: string[] = []
  const build = (root = join(folder, 'root')) =>
    buildBundle(root, join(folder, 'home'), async (file) => {
      made.push(file)
      writeFileSync(file, 'bundle')
    })
  const first = await build()
  expect(await build()).toBe(first)
  expect(made).toEqual([first])
  // where the sources lie is no part of what they are
  cpSync(join(folder, 'root'), join(folder, 'moved'), { recursive: true })
  expect(await build(join(folder, 'moved'))).toBe(first)

  writeFileSync(join(folder, 'root/workflows/lead.ts'), 'export const lead = 2')
  const second = await build()
  expect(second).not.toBe(first)
  expect(readdirSync(join(folder, 'home')).map((one) => join(folder, 'home', one))).toEqual([second])
})
