import { expect, test } from 'vitest'
import { chain, definition, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'

const calling: Definition = definition(
  [
    { id: 'start', kind: 'start' },
    { id: 'rest', kind: 'wait', with: { for: 'duration', duration: '1s' } },
    { id: 'sub', kind: 'subflow', with: { automation: 'other' } },
    { id: 'end', kind: 'end' },
  ],
  chain('start', 'rest', 'sub', 'end'),
)
const inner: Node = { id: 'rest', kind: 'wait', within: 'each', with: { for: 'duration', duration: '1ms' } }
const paged: Definition = definition(
  [
    { id: 'start', kind: 'start' },
    { id: 'each', kind: 'loop', with: { items: Array.from({ length: 1200 }, (_, n) => n) } },
    inner,
    { id: 'end', kind: 'end' },
  ],
  [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'rest' }],
)

test('a paused run begins no further page of a loop, and goes on with it when it is resumed', async () => {
  const seen: number[] = []
  const { end, starts } = await play(paged, undefined, {}, (engine, host) => {
    host.at(100, () => engine.pause.begin())
    host.at(5000, () => {
      seen.push(begun())
      engine.pause.end()
    })
    const begun = () =>
      new Set(host.changes.filter(({ node }) => node === 'rest').map(({ iteration }) => iteration)).size
  })
  // the page at work ends, because only the run itself was paused here
  expect(seen).toEqual([500])
  expect(end).toMatchObject({ end: 'completed' })
  expect(starts).toHaveLength(3)
})

test('a paused run lets one page begin at each step, and a cancelled one none', async () => {
  const stepped: number[] = []
  const { end } = await play(paged, undefined, {}, (engine, host) => {
    const begun = () =>
      new Set(host.changes.filter(({ node }) => node === 'rest').map(({ iteration }) => iteration)).size
    host.at(100, () => engine.pause.begin())
    host.at(5000, () => engine.pause.step())
    host.at(9000, () => {
      stepped.push(begun())
      engine.stop()
    })
  })
  expect(stepped).toEqual([1000])
  expect(end).toMatchObject({ end: 'stopped' })
})

test('by the first rules a pause did not hold back pages', async () => {
  const seen: string[] = []
  const { end } = await play(paged, undefined, { semantics: 1 }, (engine, host) => {
    host.at(100, () => engine.pause.begin())
    host.at(5000, () => {
      seen.push(
        ...host.changes.filter(({ node, state }) => node === 'each' && state === 'completed').map((one) => one.node),
      )
      engine.pause.end()
    })
  })
  // three pages, and the loop itself
  expect(seen).toHaveLength(4)
  expect(end).toMatchObject({ end: 'completed' })
})

test('a run that is paused while a subflow is asked for begins it when it is resumed', async () => {
  const times: number[] = []
  const { end } = await play(calling, undefined, {}, (engine, host) => {
    const child = host.child.bind(host)
    host.child = async (step, start, token, may) => {
      // asking for it takes a while, in which somebody pauses
      await host.sleep(step, 1000, 'Ask', token)
      const end = await child(step, start, token, may)
      times.push(host.now())
      return end
    }
    host.at(1500, () => engine.pause.begin())
    host.at(60_000, () => engine.pause.end())
  })
  expect(times).toEqual([60_000])
  expect(end).toMatchObject({ end: 'completed' })
})
