import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import { edgeId, type Definition } from '#schemas/automation/definition.ts'
import { validate } from '#schemas/automation/validate.ts'
import { sample } from './sample.ts'
import { asSubflow } from './subflow.ts'

const errors = (definition: Definition) => validate(definition).filter((problem) => problem.level === 'error')

const moved = (ids: readonly string[]) => {
  const made = asSubflow(sample(), ids, 'Read it')
  if ('refused' in made) throw new Error(made.refused)
  const { changes, id } = made.replace('read-it')
  return { inner: made.definition, outer: applyAll(sample(), changes), id }
}

test('chosen steps become an automation of their own, and a call of it stands in their place', () => {
  expect(errors(sample())).toEqual([])
  const { inner, outer, id } = moved(['read'])
  expect(errors(inner)).toEqual([])
  expect(errors(outer)).toEqual([])
  expect(outer.edges.map(edgeId)).toEqual(expect.arrayContaining([`start:out>${id}`, `${id}:out>ask`]))
  expect(outer.nodes.find((node) => node.id === 'ask')?.with).toEqual({
    cases: [
      { port: 'yes', when: { cel: `steps.${id}.output.read.status == 200 && steps.${id}.output.read.body != null` } },
    ],
  })
  expect(inner.output).toEqual({ read: { cel: 'steps.read' } })
})

test('what the steps read from around them is handed in', () => {
  const { inner, outer, id } = moved(['every'])
  expect(inner.nodes.find((node) => node.id === 'every')?.with).toMatchObject({ items: { cel: 'input.read.body' } })
  expect(outer.nodes.find((node) => node.id === id)?.with).toMatchObject({
    automation: 'read-it',
    input: { read: { cel: 'steps.read' } },
  })
  expect(inner.nodes.find((node) => node.id === 'tell')?.within).toBe('every')
})

test('what cannot be moved is refused with a sentence', () => {
  expect(asSubflow(sample(), ['start'], 'x')).toEqual({ refused: 'The start stays where it is.' })
  expect(asSubflow(sample(), ['tell', 'read'], 'x')).toEqual({
    refused: 'The steps have to stand in the same loop or block.',
  })
})
