import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { files, root } from '#test/harness/repository.ts'
import { type Output, runToEnd } from './child.ts'

let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'auterity-new-'))
  for (const path of files) cpSync(join(root, path), join(copy, path))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

const make = (...args: string[]): Promise<Output> =>
  runToEnd(process.execPath, [join(copy, 'deploy/local/new.ts'), ...args], { cwd: copy })

const run = (tool: string, ...args: string[]): Promise<Output> =>
  runToEnd(join(root, 'node_modules/.bin', tool), args, { cwd: copy })

test('a new capability compiles, lints and keeps the rules of the house as it is written', async () => {
  const made = await make('quotes')
  expect(made).toMatchObject({ code: 0 })
  expect(made.text).toContain('activities/quotes/store.ts')
  expect(readFileSync(join(copy, 'schemas/capabilities.ts'), 'utf8')).toContain('  quotes: {')
  const checks = await Promise.all([
    run('tsc'),
    run('oxfmt', '--check'),
    run('oxlint', 'schemas', 'activities', 'api'),
    run('vitest', 'run', '--project', 'house'),
  ])
  for (const { code, text } of checks) expect(code, text).toBe(0)
}, 300_000)

test('what exists already is refused, and so is what is no word', async () => {
  for (const [slug, said] of [
    ['leads', 'There is a capability or file called leads already.'],
    ['harness', 'There is a capability or file called harness already.'],
    ['Two Words', 'A capability is one lower-case word'],
  ] as const) {
    const { code, text } = await make(slug)
    expect(code).toBe(1)
    expect(text).toContain(said)
  }
})
