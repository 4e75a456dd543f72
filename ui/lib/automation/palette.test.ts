import { expect, test } from 'vitest'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { validate } from '#schemas/automation/validate.ts'
import { applyAll } from '#schemas/automation/change.ts'
import { addBehind } from './acts.ts'
import { offersFor } from './palette.ts'
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
})

test('operations of connected systems are found by what they do and by their system', () => {
  expect(first('create a task')).toBe('action:crm.create_task')
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
