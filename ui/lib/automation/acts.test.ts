import { expect, test } from 'vitest'
import { applyAll } from '#schemas/automation/change.ts'
import { edgeId, type Definition } from '#schemas/automation/definition.ts'
import { addBehind, insertOn, move, onlyStart, refusal, remove, type Act } from './acts.ts'
import { align, distribute, group, ungroup, wrap } from './arrange.ts'
import { withRoom } from './room.ts'
import { sample } from './sample.ts'
import { boxesOf, overlap } from './shape.ts'

const after = (definition: Definition, act: Act): Definition => applyAll(definition, withRoom(definition, act).changes)
const node = (definition: Definition, id: string) => definition.nodes.find((one) => one.id === id)
const edges = (definition: Definition) => definition.edges.map(edgeId)

test('a step added behind another hangs on its first free way out, else between, and on top of nothing', () => {
  const one = after(sample(), addBehind(sample(), 'set', 'done', { x: 0, y: 0 }))
  expect(edges(one)).toEqual(edges(sample())) // an end leads nowhere
  const two = after(sample(), addBehind(sample(), 'wait', 'tell', { x: 0, y: 0 }))
  expect(node(two, 'wait')).toMatchObject({ within: 'every' })
  expect(edges(two)).toContain('tell:out>wait')
  const three = after(sample(), addBehind(sample(), 'wait', 'start', { x: 0, y: 0 }))
  expect(edges(three)).toEqual(expect.arrayContaining(['start:out>wait', 'wait:out>read']))
  const boxes = boxesOf(after(sample(), addBehind(sample(), 'raise', 'start', { x: 0, y: 0 })))
  expect(boxes.get('raise')?.x).toBeGreaterThan(boxes.get('read')?.x ?? 0)
})

test('a step put on a connection stands between its two ends, and the rest makes room', () => {
  const made = after(sample(), insertOn(sample(), 'read:out>ask', 'wait'))
  expect(edges(made)).toEqual(expect.arrayContaining(['read:out>wait', 'wait:out>ask']))
  expect(edges(made)).not.toContain('read:out>ask')
  const [wait, ask] = [boxesOf(made).get('wait'), boxesOf(made).get('ask')]
  expect(ask?.y).toBeGreaterThanOrEqual((wait?.y ?? 0) + (wait?.height ?? 0))
  expect(node(made, 'tell')?.at).toEqual(node(sample(), 'tell')?.at)
})

test.each([
  ['start', 'out', 'start', 'Nothing leads into the start.'],
  ['read', 'out', 'ask', 'They are connected already.'],
  ['read', 'out', 'tell', 'A connection cannot cross the border of a loop or a parallel block.'],
  ['every', 'each', 'done', 'What it repeats has to stand inside of it.'],
  ['every', 'out', 'read', 'That would go in a circle; a loop repeats steps.'],
  ['read', 'nowhere', 'done', 'There is no such way out.'],
  ['read', 'error', 'done', null],
])('whether %s may lead by %s to %s is said in a sentence', (from, port, to, said) => {
  expect(refusal(sample(), from, port, to)).toBe(said)
})

test('a step that is deleted leaves no gap; a loop goes with what it holds', () => {
  const made = after(sample(), remove(sample(), ['read']))
  expect(edges(made)).toContain('start:out>ask')
  expect(after(sample(), remove(sample(), ['every'])).nodes.map(({ id }) => id)).toEqual([
    'start',
    'read',
    'ask',
    'done',
  ])
})

test('a step dragged into a loop loses the connections that would cross its border, and stands inside, covering nothing', () => {
  const act = move(sample(), [{ id: 'done', at: { x: -50, y: 10 }, within: 'every' }])
  const made = after(sample(), act)
  expect(act.cut).toBe(2)
  expect(node(made, 'done')).toMatchObject({ within: 'every', at: { x: 24 } })
  const boxes = boxesOf(made)
  expect(overlap(boxes.get('done')!, boxes.get('tell')!)).toBe(false)
})

test('selected steps share a line, and the space between them is the same', () => {
  const ids = ['start', 'read', 'ask', 'done']
  const lined = after(sample(), align(sample(), ids, 'centre'))
  const middles = ids.map((id) => boxesOf(lined).get(id)).map((box) => (box ? box.x + box.width / 2 : 0))
  expect(Math.max(...middles) - Math.min(...middles)).toBeLessThanOrEqual(8)
  const spread = after(sample(), distribute(sample(), ids, 'y'))
  const boxes = ids.map((id) => boxesOf(spread).get(id) ?? { y: 0, height: 0 })
  const gaps = boxes.slice(1).map((box, at) => box.y - (boxes[at]?.y ?? 0) - (boxes[at]?.height ?? 0))
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(8)
})

test('a group is made of the selection, and taken apart again', () => {
  const grouped = after(sample(), group(sample(), ['read', 'ask']))
  expect(grouped.groups).toMatchObject([{ nodes: ['read', 'ask'] }])
  expect(after(grouped, ungroup(grouped, ['ask'])).groups).toBeUndefined()
})

test('steps wrapped in a loop are its body: what led to them leads to it', () => {
  const made = after(sample(), wrap(sample(), ['ask', 'every', 'tell'], 'loop'))
  expect(node(made, 'ask')?.within).toBe('loop')
  expect(node(made, 'tell')?.within).toBe('every')
  expect(edges(made)).toEqual(
    expect.arrayContaining(['read:out>loop', 'loop:each>ask', 'ask:yes>every', 'loop:out>done']),
  )
  for (const { from, to, port } of made.edges)
    if (port !== 'each') expect(node(made, from)?.within).toBe(node(made, to)?.within)
})

test('each path among steps wrapped in a parallel block is a branch', () => {
  const made = after(side, wrap(side, ['a', 'b'], 'parallel'))
  expect(edges(made)).toEqual(['parallel:branch_1>a', 'parallel:branch_2>b', 'start:out>parallel', 'parallel:out>done'])
})

const step = (id: string): Definition['nodes'][number] => ({ id, kind: 'http', with: { url: 'https://example.com' } })
/** Start, then a and b side by side, then done. */
const side: Definition = {
  ...sample(),
  nodes: [{ id: 'start', kind: 'start' }, step('a'), step('b'), { id: 'done', kind: 'end' }],
  edges: [
    { from: 'start', to: 'a' },
    { from: 'start', to: 'b' },
    { from: 'a', to: 'done' },
    { from: 'b', to: 'done' },
  ],
  output: {},
}

test.each([
  [
    'a way on of several',
    sample(),
    ['ask'],
    '“Otherwise” of “ask” leads to “done”, “yes” of “ask” to “every”. What stands in their place has one way on: choose what follows too, or leave one out.',
  ],
  [
    'an error that leads elsewhere',
    { ...side, edges: [...side.edges, { from: 'a', port: 'error', to: 'b' }] },
    ['a'],
    '“a” leads to “b” when it fails. Choose that too, or leave “a” out.',
  ],
  [
    'a way that is not always gone',
    { ...sample(), edges: sample().edges.filter(({ port }) => port !== 'else') },
    ['ask'],
    '“yes” of “ask” leads to “every”, which is not always gone. What stands in their place always goes on: choose what follows too.',
  ],
  [
    'what did not wait before',
    { ...side, nodes: [...side.nodes, step('c')], edges: [...side.edges.slice(0, 3), { from: 'b', to: 'c' }] },
    ['a', 'b', 'c'],
    '“done” does not wait for “b”, and would then. Leave “b” out, or choose what follows too.',
  ],
  [
    'steps that begin one after the other by themselves',
    { ...side, nodes: [...side.nodes, step('c')], edges: [...side.edges, { from: 'b', to: 'c' }] },
    ['a', 'c'],
    '“a” and “c” begin after different steps. Choose steps that begin together.',
  ],
  [
    'what is read outside',
    sample(),
    ['read'],
    'What “Read” gave is read outside of them, where nobody sees into a block. Choose what reads it too.',
  ],
  [
    'the entry of a loop that another would hide',
    sample(),
    ['tell'],
    '“tell” reads the entry that the loop around it is at, which a loop of its own would hide.',
  ],
])('%s is not wrapped in a block, and it is said why', (_what, definition, ids, said) => {
  expect(wrap(definition, ids, 'loop')).toEqual({ title: 'Wrap in a loop', changes: [], refused: said })
})

test('branches that would meet in a parallel block are not wrapped', () => {
  expect(wrap(side, ['a', 'b', 'done'], 'parallel').refused).toBe(
    'Two branches meet in “done”. What follows both stands behind the block.',
  )
})

test('no empty group is left where its steps went', () => {
  const grouped = after(sample(), group(sample(), ['read']))
  expect(after(grouped, remove(grouped, ['read'])).groups).toBeUndefined()
})

test('the first step of a new drawing stands between its start and its end', () => {
  const fresh: Definition = {
    ...sample(),
    nodes: sample().nodes.filter(({ id }) => id === 'start' || id === 'done'),
    edges: [{ from: 'start', to: 'done' }],
  }
  expect(onlyStart(fresh)).toBe('start')
  expect(onlyStart(sample())).toBeUndefined()
  const made = after(fresh, addBehind(fresh, 'approval', onlyStart(fresh), { x: 0, y: 100 }))
  expect(edges(made)).toEqual(['start:out>approval', 'approval:approved>done'])
})

test('a step that follows nothing lies on no connection, as if it did', () => {
  const lone = after(sample(), addBehind(sample(), 'wait', undefined, { x: -40, y: 460 }))
  expect(edges(lone)).toEqual(edges(sample()))
  expect(node(lone, 'wait')?.at?.x).toBeGreaterThan(boxesOf(sample()).get('done')?.x ?? 0)
  const free = after(sample(), addBehind(sample(), 'wait', undefined, { x: -800, y: 460 }))
  expect(node(free, 'wait')?.at).toEqual({ x: -800, y: 464 })
})

test('a note stands beside the chosen step, on no connection', () => {
  const noted = after(sample(), addBehind(sample(), 'note', 'read', { x: 0, y: 0 }))
  const [note, read] = [boxesOf(noted).get('note'), boxesOf(noted).get('read')]
  expect(note?.x).toBeGreaterThan((read?.x ?? 0) + (read?.width ?? 0))
  expect(edges(noted)).toEqual(edges(sample()))
})
