import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import { edgeId, type Definition, type Node } from '#schemas/automation/definition.ts'
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

const http = (id: string, more: Partial<Node> = {}): Node => ({
  id,
  kind: 'http',
  with: { url: 'https://a.b' },
  ...more,
})
/** A row of steps between start and end. */
const row = (nodes: readonly Node[], more: Partial<Definition> = {}): Definition => {
  const all: Node[] = [{ id: 'start', kind: 'start' }, ...nodes, { id: 'done', kind: 'end' }]
  const edges = all.slice(1).map((node, at) => ({ from: all[at]?.id ?? '', to: node.id }))
  return { format: 1, name: 'Row', nodes: all, edges, ...more }
}

test.each<[string, Definition, string[], string]>([
  ['an end', row([http('a')]), ['a', 'done'], '“done” ends this automation, so it stays.'],
  [
    'what is undone when a later step fails',
    row([http('a', { undo: { operation: 'sheets.remove' } })]),
    ['a'],
    '“a” is undone when a later step fails, which an automation of its own does not hear of. It stays.',
  ],
  [
    'what is read elsewhere and does not always run',
    {
      ...row([http('a'), { ...sample().nodes[2], id: 'ask', kind: 'decision' }, http('b')]),
      edges: [
        { from: 'start', to: 'a' },
        { from: 'a', to: 'ask' },
        { from: 'ask', port: 'yes', to: 'b' },
        { from: 'ask', port: 'else', to: 'done' },
        { from: 'b', to: 'done' },
      ],
      output: { it: { cel: 'steps.b' } },
    },
    ['ask', 'b'],
    'What “b” gave is read elsewhere, and it does not always run. Choose what reads it too.',
  ],
  [
    'what asks whether a step beside it has run',
    row([http('a'), http('b', { with: { url: { cel: 'has(steps.a) ? "x" : "y"' } } })]),
    ['b'],
    'One of them asks whether “a” has run, which only what stands beside it can.',
  ],
  [
    'a way on of several',
    row([http('a'), { id: 'ap', kind: 'approval', with: { ask: '?' } }]),
    ['a', 'ap'],
    '“Then” of “ap” leads to “done”, which is not always gone. What stands in their place always goes on: choose what follows too.',
  ],
])('%s is not taken out, and it is said why', (_what, definition, ids, said) => {
  expect(asSubflow(definition, ids, 'Part')).toEqual({ refused: said })
})

test('of the last step of a loop the loop still gives what it gave', () => {
  const definition = row([{ id: 'every', kind: 'loop', with: { over: 'items', items: [1] } }], {
    output: { all: { cel: 'steps.every' } },
  })
  definition.nodes.push(
    http('tell', { within: 'every', with: { url: { text: 'https://a.b/{{ item }}/{{ run.id }}' } } }),
  )
  definition.edges.push({ from: 'every', port: 'each', to: 'tell' })
  const made = asSubflow(definition, ['tell'], 'Part')
  if ('refused' in made) throw new Error(made.refused)
  expect(made.definition.nodes.find(({ id }) => id === 'tell')?.with).toEqual({
    url: { text: 'https://a.b/{{ input.item }}/{{ input.id }}' },
  })
  const outer = applyAll(definition, made.replace('part').changes)
  expect(outer.nodes.find(({ id }) => id === 'every')?.with).toMatchObject({
    collect: { cel: 'steps.part.output.tell' },
  })
  expect(outer.nodes.find(({ id }) => id === 'part')?.with).toMatchObject({
    input: { item: { cel: 'item' }, id: { cel: 'run.id' } },
  })
})

test('a loop that is taken out goes on reading its own entries', () => {
  const { inner } = moved(['every', 'tell'])
  expect(inner.nodes.find((node) => node.id === 'tell')?.with).toEqual({
    url: { text: 'https://example.com/{{ item.id }}/{{ input.read.status }}' },
  })
})

test('no empty group is left where the steps were, and a group that is taken whole goes along', () => {
  const grouped = { ...sample(), groups: [{ id: 'g', title: 'Reading', nodes: ['read'] }] }
  const made = asSubflow(grouped, ['read'], 'Part')
  if ('refused' in made) throw new Error(made.refused)
  expect(made.definition.groups).toEqual(grouped.groups)
  expect(applyAll(grouped, made.replace('part').changes).groups).toBeUndefined()
})
