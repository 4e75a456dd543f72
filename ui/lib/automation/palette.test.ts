import { expect, test } from 'vitest'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { validate } from '#schemas/automation/validate.ts'
import { applyAll } from '#schemas/automation/change.ts'
import { addBehind } from './acts.ts'
import { operations } from '#schemas/connectors/operations.ts'
import { isFold, offersFor, rowsFor } from './palette.ts'
import { sample } from './sample.ts'

const first = (text: string) => offersFor(text)[0]?.adds

test('steps are found by their name, by what they are called elsewhere, and by the start of a word', () => {
  expect(['wai', 'delay', 'sleep'].map(first)).toEqual(['wait', 'wait', 'wait'])
  expect(['if', 'for each', 'javascript', 'variable', 'human'].map(first)).toEqual([
    'decision',
    'loop',
    'code',
    'set',
    'approval',
  ])
  expect(offersFor('qqq')).toEqual([])
  // in the middle of a word is not at its start
  expect(offersFor('ait')).toEqual([])
})

test('operations of connected systems are found by what they do and by their system', () => {
  expect(first('create a task')).toBe('action:crm.create_task')
  // all of the CRM are about contacts; those that say so come first
  const saying = offersFor('contact').map(({ title }) => title.toLowerCase().includes('contact'))
  expect(saying).toEqual(saying.toSorted((a, b) => Number(b) - Number(a)))
  expect(first('send sms')).toMatch(/^action:sms\./)
  expect(offersFor('email').map(({ adds }) => adds)).toContain('action:mail.send')
})

test('without a search every kind is offered but the start, which there is already', () => {
  expect(
    offersFor(' ')
      .map(({ adds }) => adds)
      .toSorted(),
  ).toEqual(
    Object.keys(kinds)
      .filter((kind) => kind !== 'start')
      .toSorted(),
  )
})

test('who does not search finds each connected system, folded, and below it what it does once it is opened', () => {
  const names = (unfolded: string[]) =>
    rowsFor('', new Set(unfolded)).map((row) => (isFold(row) ? `${row.title} ${row.open}` : row.adds))
  const folded = names([])
  expect(folded.filter((name) => name.endsWith(' false'))).toEqual([
    'Leads false',
    'CRM false',
    'DMS false',
    'Mail false',
    'Text messages false',
  ])
  expect(folded.filter((name) => name.startsWith('action:'))).toEqual([])
  const open = names(['sms'])
  expect(open[open.indexOf('Text messages true') + 1]).toBe('action:sms.send')
  const all = names(['leads', 'crm', 'dms', 'mail', 'sms']).filter((name) => name.startsWith('action:'))
  expect(all.toSorted()).toEqual(
    Object.keys(operations)
      .map((id) => `action:${id}`)
      .toSorted(),
  )
  const counts = rowsFor('', new Set()).map((row) => (isFold(row) ? row.count : 0))
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(Object.keys(operations).length)
  expect(rowsFor('wait', new Set(['sms'])).some(isFold)).toBe(false)
})

test('an operation that is chosen becomes an action that does it, by its name', () => {
  const act = addBehind(sample(), first('create a task') ?? '', 'read', { x: 0, y: 0 })
  const made = applyAll(sample(), act.changes).nodes.find(({ id }) => id === act.ids?.[0])
  expect(made).toMatchObject({
    id: 'create_a_task',
    kind: 'action',
    title: 'Create a task',
    with: { operation: 'crm.create_task' },
  })
  expect(act.title).toContain('Create a task')
  expect(validate({ ...sample(), nodes: made === undefined ? [] : [made] }).map(({ code }) => code)).not.toContain(
    'unknown_operation',
  )
})
