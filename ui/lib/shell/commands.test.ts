import { expect, test } from 'vitest'
import { addCommandSource, askSources, matches, type Command } from './commands.ts'

const command = (title: string, group = 'Go to'): Command => ({ id: title, title, group, act: () => {} })

test('words are found by how they start, in any order', () => {
  expect(matches(command('Leads in'), 'lea')).toBe(true)
  expect(matches(command('Dana Whitfield', 'Runs'), 'whit run')).toBe(true)
  expect(matches(command('Leads in'), 'eads')).toBe(false)
  expect(matches(command('Leads in'), '  ')).toBe(true)
  expect(matches(command('Theme: dark', 'Do'), 'theme: dark')).toBe(true)
})

test('a source that fails does not silence the others, and one taken away is asked no more', async () => {
  const never = new AbortController().signal
  const takeAway = addCommandSource(async (text) => [command(`run ${text}`)])
  addCommandSource(() => Promise.reject(new Error('down')))
  expect((await askSources('x', never)).map((found) => found.title)).toEqual(['run x'])
  takeAway()
  expect(await askSources('x', never)).toEqual([])
})
