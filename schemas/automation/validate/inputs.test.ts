import { expect, test } from 'vitest'
import { operations } from '#schemas/connectors/operations.ts'
import { line } from '#test/harness/problems.ts'
import type { JsonObject, Node } from '../definition.ts'
import { validate } from '../validate.ts'
import { undoInput } from '../kinds/operation.ts'

const note = (input: JsonObject, undo?: Node['undo']): Node => ({
  id: 'note',
  kind: 'action',
  with: { operation: 'crm.add_note', input: input },
  ...(undo === undefined ? {} : { undo }),
})
const told = (node: Node) =>
  validate(line([node]))
    .filter((one) => one.level === 'error')
    .map(({ path, message }) => [path, message])

test('an input that an operation does not take is told of where it stands', () => {
  expect(told(note({ deal: '1', text: 'Seen.' }))).toEqual([])
  expect(told(note({ deal: '1', text: { text: 'Seen by {{ run.id }}' } }))).toEqual([])
  expect(told(note({ deal: '1', text: 'Seen.', colour: 'red' }))).toEqual([
    ['/with/input/colour', '“Add a note” takes no “colour”.'],
  ])
  expect(told(note({ deal: '1', text: 7 }))).toEqual([['/with/input/text', expect.stringContaining('text')]])
  expect(told(note({ deal: '1', text: '' }))).toEqual([['/with/input/text', expect.stringContaining('is needed by')]])
})

test('nothing is something where an automation that is called takes it', () => {
  const node: Node = { id: 'sub', kind: 'subflow', with: { automation: 'reach', input: { sms: null, text: null } } }
  const input = { type: 'object', properties: { sms: { type: ['string', 'null'] }, text: { type: 'string' } } } as const
  const called = { reach: { title: 'Reach', input: { ...input, required: ['sms', 'text'] } } }
  const problems = validate(line([node]), { called }).filter(({ code }) => code === 'field_missing')
  expect(problems.map(({ path }) => path)).toEqual(['/with/input/text'])
})

test('so is the input of what undoes a step', () => {
  const undo = { operation: 'dms.release_vehicle', input: { stock: 'N1' } }
  expect(told(note({ deal: '1', text: 'Seen.' }, undo))).toEqual([
    ['/undo/input/for', expect.stringContaining('is needed by Release a vehicle')],
  ])
  const back = { operation: 'crm.hand_back', input: { lead: { cel: 'input' } } }
  expect(told(note({ deal: '1', text: 'Seen.' }, back))).toEqual([])
})

test.each(Object.keys(operations))('%s is told why it undoes something only where it takes that', (named) => {
  const { properties = {} } = operations[named]!.input
  const given = undoInput(named, {}, 'The run was cancelled.')
  for (const field of Object.keys(given)) expect(properties).toHaveProperty(field)
})
