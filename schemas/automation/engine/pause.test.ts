import { expect, test } from 'vitest'
import { chain, definition, play } from '#test/harness/played.ts'
import type { Definition, Node } from '../definition.ts'
import { kinds } from '../kinds/index.ts'
import { Engine } from './engine.ts'
import type { EngineState } from './state.ts'
import { VirtualHost } from './virtual.ts'

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

const resting = (...ids: string[]): Definition =>
  definition(
    [
      { id: 'start', kind: 'start' },
      ...ids.map((id): Node => ({ id, kind: 'wait', with: { for: 'duration', duration: '1s' } })),
      { id: 'end', kind: 'end' },
    ],
    chain('start', ...ids, 'end'),
  )
/** When the run above went past each of its steps, in whole seconds. */
const told = async (during: Parameters<typeof play>[3], more: Parameters<typeof play>[2] = {}, most?: number) => {
  const { end, host } = await play(resting('a', 'b', 'c'), undefined, more, during, most)
  expect(end).toMatchObject({ end: 'completed' })
  const done = host.changes.filter(({ node, state }) => state === 'completed' && node !== 'start' && node !== 'end')
  return done.map(({ at }) => at / 1000)
}

test('a run that was paused by itself stays so when the run around it goes on; resumed itself, it goes on whoever paused it', async () => {
  expect(
    await told((engine, host) => {
      host.at(500, () => engine.pause.begin())
      host.at(600, () => engine.pause.with(true))
      host.at(9000, () => engine.pause.with(false))
      host.at(20_000, () => engine.pause.end())
    }),
  ).toEqual([1, 21, 22])
  expect(
    await told((engine, host) => {
      host.at(500, () => engine.pause.with(true))
      host.at(600, () => engine.pause.with(true))
      host.at(9000, () => engine.pause.with(false))
    }),
  ).toEqual([1, 10, 11])
  expect(
    await told((engine, host) => {
      host.at(500, () => engine.pause.with(true))
      host.at(600, () => engine.pause.begin())
      host.at(9000, () => engine.pause.end())
      host.at(15_000, () => engine.pause.with(false))
    }),
  ).toEqual([1, 10, 11])
})

test('a step that was let on and not taken is forgotten when the run goes on', async () => {
  const stepped: Parameters<typeof play>[3] = (engine, host) => {
    host.at(100, () => engine.pause.begin())
    host.at(200, () => engine.pause.step())
    host.at(300, () => engine.pause.end())
    host.at(400, () => engine.pause.begin())
    host.at(9000, () => engine.pause.end())
  }
  expect(await told(stepped)).toEqual([1, 10, 11])
  expect(await told(stepped, { semantics: 2 })).toEqual([1, 2, 10])
})

test.each(['begin', 'around'] as const)('a run stays paused over a change of history (%s)', async (how) => {
  const host = new VirtualHost(() => ({ ms: 1, give: null }))
  const input = { definition: resting('a', 'b', 'c'), input: {}, run: { startedAt: '1970-01-01T00:00:00Z' } }
  const engine = new Engine(kinds, input, host)
  host.at(500, () => {
    if (how === 'begin') engine.pause.begin()
    else engine.pause.with(true)
    engine.drain()
  })
  const carried = await host.until(engine.run())
  const { state } = carried as { state: EngineState }
  expect(state).toMatchObject({ paused: how === 'begin', pausedAround: how === 'around' })
  const goesOn = await told(
    (next, later) => later.at(9000, () => (how === 'begin' ? next.pause.end() : next.pause.with(false))),
    { state },
  )
  expect(goesOn).toEqual([1, 10, 11])
})
