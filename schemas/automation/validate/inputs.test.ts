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

test('nothing is an answer where it is asked for as one, and else as good as left out', () => {
  const sms = { type: ['string', 'null'], title: 'Text message' }
  const mail = { type: 'string', title: 'Mail' }
  const input = { type: 'object', properties: { mail, sms }, required: ['mail', 'sms'] }
  const node = (given: JsonObject): Node => ({
    id: 'tell',
    kind: 'subflow',
    with: { automation: 'reach', input: given },
  })
  const wrong = (given: JsonObject) =>
    validate(line([node(given)]), { automations: ['reach'], called: { reach: { title: 'Reach', input } } })
      .filter(({ level }) => level === 'error')
      .map(({ message }) => message)
  expect(wrong({ mail: 'Hello', sms: null })).toEqual([])
  expect(wrong({ mail: 'Hello' })).toEqual(['“Text message” is needed by Reach.'])
  expect(wrong({ mail: null, sms: null })).toEqual(['“Mail” is needed by Reach.'])
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
