import { expect, test } from 'vitest'
import { merge, type Merged } from '#schemas/automation/change.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { sample } from './sample.ts'
import { saver, type SaveState, type Sent } from './save.ts'

const named = (name: string, from = sample()): Definition => ({ ...from, name })

/** A draft on a server that answers when it is told to, and a clock that goes when it is told to. */
const stage = (answers: Sent[]) => {
  let typing: string | undefined
  const sent: { name: string; revision: number }[] = []
  const states: SaveState[] = []
  const merged: { merged: Merged; by: string | undefined }[] = []
  let due: (() => void) | undefined
  const begun = sample()
  const it = saver(
    { definition: begun, revision: 1 },
    {
      send: (definition, revision) => {
        sent.push({ name: definition.name, revision })
        return Promise.resolve(answers.shift() ?? { offline: true })
      },
      merge,
      isTyped: (conflicts) => conflicts.some(({ path }) => path === typing),
      later: (_ms, act) => {
        due = act
        return () => {
          due = undefined
        }
      },
      onstate: (state) => states.push(state),
      onmerged: (one, by) => merged.push({ merged: one, by }),
    },
  )
  return { it, sent, states, merged, begun, due: () => due, types: (path: string | undefined) => (typing = path) }
}

test('what is typed in one go is sent once, with the revision it was made of', async () => {
  const { it, sent, states } = stage([{ ok: true, revision: 2 }])
  it.changed(named('A'))
  it.changed(named('Ab'))
  await it.flush()
  expect(sent).toEqual([{ name: 'Ab', revision: 1 }])
  expect(it.revision).toBe(2)
  expect(states.at(-1)).toBe('saved')
  await it.flush()
  expect(sent).toHaveLength(1)
})

test('what is changed while a request is under way is sent after it', async () => {
  const { it, sent, due } = stage([
    { ok: true, revision: 2 },
    { ok: true, revision: 3 },
  ])
  it.changed(named('A'))
  const under = it.flush()
  it.changed(named('B'))
  await under
  expect(due()).toBeDefined()
  await it.flush()
  expect(sent).toEqual([
    { name: 'A', revision: 1 },
    { name: 'B', revision: 2 },
  ])
})

test('a server that is away is asked again, and says so meanwhile', async () => {
  const { it, states, due, sent } = stage([{ offline: true }, { ok: true, revision: 2 }])
  it.changed(named('A'))
  await it.flush()
  expect(states.at(-1)).toBe('offline')
  expect(due()).toBeDefined()
  await it.flush()
  expect(states.at(-1)).toBe('saved')
  expect(sent).toHaveLength(2)
})

test('what somebody else has saved meanwhile is laid together with mine, and what both changed is told', async () => {
  const { it, sent, merged, begun } = stage([
    { moved: { revision: 7, definition: { ...begunWith('Theirs'), description: 'By them' }, by: 'Noor' } },
    { ok: true, revision: 8 },
  ])
  it.changed({
    ...named('Mine', begun),
    nodes: begun.nodes.map((node) => (node.id === 'read' ? { ...node, title: 'Fetch' } : node)),
  })
  await it.flush()
  expect(merged[0]?.by).toBe('Noor')
  expect(merged[0]?.merged.definition).toMatchObject({ name: 'Theirs', description: 'By them' })
  expect(merged[0]?.merged.definition.nodes.find((node) => node.id === 'read')?.title).toBe('Fetch')
  expect(merged[0]?.merged.conflicts).toMatchObject([{ node: null, path: '/name', mine: 'Mine', theirs: 'Theirs' }])
  await it.flush()
  expect(sent.at(-1)).toEqual({ name: 'Theirs', revision: 7 })
  expect(it.saved).toBe(true)
})

test('what others save comes in as soon as it is told of, once, and what one has typed stays', async () => {
  const { it, sent, merged } = stage([{ ok: true, revision: 4 }])
  let looks = 0
  const look = () => {
    looks += 1
    return Promise.resolve({ revision: 3, definition: { ...sample(), description: 'By them' }, by: 'Noor' })
  }
  it.changed(named('Mine'))
  await it.heard(3, look)
  await it.heard(3, look)
  await it.heard(1, look)
  expect(looks).toBe(1)
  expect(merged[0]?.merged.definition).toMatchObject({ name: 'Mine', description: 'By them' })
  expect(sent).toEqual([])
  await it.flush()
  expect(sent).toEqual([{ name: 'Mine', revision: 3 }])
})

test('a refused draft is not sent again by itself', async () => {
  const { it, states, due } = stage([{ refused: new Error('too large') }])
  it.changed(named('A'))
  await it.flush()
  expect(states.at(-1)).toBe('refused')
  expect(due()).toBeUndefined()
})

const begunWith = (name: string): Definition => named(name)

test('what somebody else wrote in the field that is being typed in waits until that is left, with all that was typed', async () => {
  const theirs = (name: string, revision: number) => ({ revision, definition: named(name), by: 'Priya' })
  const { it, sent, states, merged, types } = stage([{ moved: theirs('Alpha', 2) }, { ok: true, revision: 4 }])
  types('/name')
  it.changed(named('Bravo'))
  await it.flush()
  it.changed(named('Bravo and more'))
  await it.flush()
  expect(sent).toHaveLength(1)
  expect([merged.length, it.saved, states.at(-1)]).toEqual([0, false, 'held'])
  await it.heard(3, () => Promise.resolve(theirs('Alpha two', 3)))
  expect(merged).toEqual([])
  types(undefined)
  it.left()
  expect(merged[0]?.merged.conflicts).toEqual([
    { node: null, path: '/name', base: sample().name, mine: 'Bravo and more', theirs: 'Alpha two' },
  ])
  expect([it.revision, it.saved]).toEqual([3, true])
  it.left()
  expect(merged).toHaveLength(1)
})

test('places that were computed are no change of one’s own: they are sent with the next one', async () => {
  const { it, sent, states, begun } = stage([{ ok: true, revision: 2 }])
  const placed = { ...begun, nodes: begun.nodes.map((node, n) => ({ ...node, at: { x: 0, y: 100 * n } })) }
  it.changed(placed, true)
  await it.flush()
  expect([sent, it.saved, states.at(-1)]).toEqual([[], true, 'saved'])
  it.changed(named('A', placed))
  await it.flush()
  expect(sent).toEqual([{ name: 'A', revision: 1 }])
})
