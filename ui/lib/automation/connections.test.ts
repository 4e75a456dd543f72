import { expect, test } from 'vitest'
import { connectionsOf, fitting } from './connections.ts'
import { sample } from './sample.ts'
import { wayOut } from './shape.ts'

const said = (id: string) =>
  connectionsOf(sample(), id).map(({ way, title, edge }) => `${edge === undefined ? 'may' : 'does'}: ${way} → ${title}`)

test('a step tells what it leads to by the names of its ways out, and what else it may lead to', () => {
  expect(said('ask').slice(0, 2)).toEqual(['does: yes → every', 'does: Otherwise → done'])
  expect(said('read')).toEqual(
    expect.arrayContaining(['does: Then → ask', 'may: On error → ask', 'may: On error → done', 'may: Then → every']),
  )
})

test('what it may lead to comes by its ways out that lead nowhere yet first, and of each the nearest step first', () => {
  expect(said('read').filter((one) => one.startsWith('may'))).toEqual([
    'may: On error → ask',
    'may: On error → every',
    'may: On error → done',
    'may: Then → every',
    'may: Then → done',
  ])
})

test('what stands near is offered before what stands far, whatever was drawn first', () => {
  const { nodes, ...rest } = sample()
  const near = nodes.map((one) => (one.id === 'done' ? { ...one, at: { x: 240, y: 104 } } : one))
  const open = connectionsOf({ nodes: near, ...rest }, 'read').filter(({ port }) => port === 'error')
  expect(open.map(({ to }) => to)).toEqual(['ask', 'done', 'every'])
})

test('nothing is offered that would go in a circle, into the start or across the border of a loop', () => {
  const to = (id: string) => new Set(connectionsOf(sample(), id).map((one) => one.to))
  expect(to('every')).toEqual(new Set(['tell', 'done']))
  expect(to('tell')).toEqual(new Set())
  expect(to('done')).toEqual(new Set())
})

test('they are searched by the way out and by the step', () => {
  const found = fitting(connectionsOf(sample(), 'read'), 'error done')
  expect(found).toEqual([{ port: 'error', way: 'On error', to: 'done', title: 'done', edge: undefined }])
  expect(wayOut({ id: 'read', kind: 'http', errors: ['not_found'] }, 'error:not_found')).toBe('not found')
})
