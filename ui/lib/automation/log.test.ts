import { expect, test } from 'vitest'
import type { Definition } from '#schemas/automation/definition.ts'
import { addBehind, remove, setField } from './acts.ts'
import { commandLog } from './log.ts'
import { sample } from './sample.ts'

const nobodyElse = (): Definition => {
  throw new Error('nobody else changed it')
}
const none = { before: [], after: [] }

test('everything that was done is undone and done again, to the same document', () => {
  const log = commandLog(nobodyElse)
  const begun = sample()
  const added = log.do(begun, addBehind(begun, 'wait', 'read', { x: 0, y: 0 }), none)
  const emptied = log.do(added, remove(added, ['ask', 'every']), none)
  expect(emptied.nodes.map((node) => node.id)).toEqual(['start', 'read', 'done', 'wait'])
  expect(log.undo(emptied)?.definition).toBe(added)
  expect(log.undo(added)?.definition).toBe(begun)
  expect(log.undo(begun)).toBeUndefined()
  expect(log.redo(begun)?.definition).toEqual(added)
  expect(log.redo(added)?.definition).toEqual(emptied)
  expect(log.redo(emptied)).toBeUndefined()
})

test('a word being typed is one step back; after a pause it is the next', () => {
  const log = commandLog(nobodyElse)
  let now = sample()
  const type = (title: string) => {
    now = log.do(now, { ...setField('read', '/title', title), together: 'read/title' }, none)
  }
  for (const title of ['R', 'Re', 'Rea']) type(title)
  log.close()
  type('Read it')
  const back = () => {
    now = log.undo(now)?.definition ?? now
    return now.nodes.find((node) => node.id === 'read')?.title
  }
  expect(back()).toBe('Rea')
  expect(back()).toBe('Read')
})

test('a new act forgets what was undone, and one that changes nothing is none', () => {
  const log = commandLog(nobodyElse)
  const begun = sample()
  const titled = log.do(begun, setField('read', '/title', 'Fetch'), none)
  const back = log.undo(titled)?.definition ?? titled
  expect(log.do(back, { title: 'Nothing', changes: [] }, none)).toBe(back)
  expect(log.redoTitle).toBe('Edit')
  log.do(back, setField('read', '/title', 'Get'), none)
  expect(log.redo(back)).toBeUndefined()
})

test('what others have changed since stays when one undoes', () => {
  const log = commandLog((from, to, now) => ({ ...now, name: now.name === from.name ? to.name : now.name }))
  const begun = sample()
  const named = log.do(begun, setField(null, '/name', 'Mine'), none)
  const others = { ...named, description: 'Theirs' }
  expect(log.undo(others)?.definition).toMatchObject({ name: 'Sample', description: 'Theirs' })
})
