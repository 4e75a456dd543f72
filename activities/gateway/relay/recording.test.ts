import { expect, test } from 'vitest'
import { createLog } from '#activities/log.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import { usualRecording } from '#schemas/gateway/recording.ts'
import { accounted } from '#test/harness/accounted.ts'
import { until } from '#test/harness/until.ts'
import { noModels } from '../store-known.ts'
import { readAsked, type Asked } from './asked.ts'
import type { Going } from './guard.ts'
import type { Recorded } from './recorder.ts'
import { knownRecording, Recordings } from './recording.ts'
import { keyless } from './keyless.ts'

const away = Object.assign(new Error('The database is away.'), { code: 'ECONNREFUSED' })
const everything = knownRecording({ ...usualRecording, of: 'everything' })!
const json = { 'content-type': 'application/json' }

/** Recordings with so much room, whose database can be away. */
const recordings = (most: number) => {
  const written: Recorded[] = []
  const lines: string[] = []
  const state = { isAway: false }
  const keep = (rows: readonly Recorded[]) => {
    if (state.isAway) return Promise.reject(away)
    written.push(...rows)
    return Promise.resolve()
  }
  const of = new Recordings(
    keep,
    createLog('test', 'info', (line) => void lines.push(line)),
    most,
  )
  return { of, state, written, lines }
}
/** Asks one request of so many bytes, answered with so many. */
const pass = (of: Recordings, asked: number, answered: number) => {
  const body = readAsked('chat', Buffer.from(JSON.stringify({ model: 'm', pad: '' }).padEnd(asked, ' '))) as Asked
  const going: Going = {
    caller: keyless('tnt'),
    models: noModels,
    asked: body,
    way: {
      steered: null,
      alias: null,
      route: { targets: [], routing: usualRouting },
      settings: null,
      caching: null,
      guardrails: null,
      refusal: null,
    },
    steps: [],
    sink: { begin: () => {}, write: () => true, end: () => {}, cut: () => {}, drained: () => {} },
    over: () => {},
    watch: null,
    recorder: null,
  }
  of.pass(everything, going, ({ sink, over, recorder }) => {
    recorder?.wrote({ ...accounted })
    sink.begin(200, json)
    for (let left = answered; left > 0; left -= 1_000) sink.write('x'.repeat(Math.min(left, 1_000)))
    sink.end()
    over()
    return { abandon() {} }
  })
}

test('while the database is away bodies wait, as many as there is room for; what is more is told, and then there is room again', async () => {
  const { of, state, written, lines } = recordings(10_000)
  state.isAway = true
  for (let n = 0; n < 4; n++) pass(of, 1_000, 2_000)
  await expect(of.flush()).rejects.toThrow(/away/)
  // three had room whole, the fourth for what it asked
  expect(of.lost).toBe(1)
  pass(of, 1_000, 100)
  expect(of.lost).toBe(3)
  await until('it is told', () => Promise.resolve(lines.some((line) => line.includes('not kept: too many wait'))))
  state.isAway = false
  await of.flush()
  expect(written.map(({ asked, answer }) => [asked.withheld, answer().withheld])).toEqual([
    [null, null],
    [null, null],
    [null, null],
    [null, 'no_room'],
    ['no_room', 'no_room'],
  ])
  pass(of, 5_000, 4_000)
  expect(of.lost).toBe(3)
  await of.flush()
  expect(written).toHaveLength(6)
})

test('what the database does not take holds no room', async () => {
  const { of, written } = recordings(3_000)
  const broken = new Recordings(
    () => Promise.reject(new Error('no such column')),
    createLog('test', 'error', () => {}),
    3_000,
  )
  for (const one of [of, broken])
    for (let n = 0; n < 3; n++) {
      pass(one, 1_000, 1_000)
      await one.flush()
      expect(one.lost).toBe(0)
    }
  expect(written).toHaveLength(3)
})

test('a body of the size that is kept is whole, one byte more is not', async () => {
  const { of, written } = recordings(10 * 1024 * 1024)
  const most = 512 * 1024
  for (const more of [0, 1]) pass(of, most + more, most + more)
  await of.flush()
  const told = written.map(({ asked, answer }) => [asked, answer()])
  expect(told[0]).toMatchObject([
    { whole: true, bytes: most },
    { whole: true, bytes: most },
  ])
  expect(told[1]).toMatchObject([
    { whole: false, bytes: most + 1 },
    { whole: false, bytes: most + 1 },
  ])
  for (const body of told.flat()) expect(body.kept).toHaveLength(most)
})

test('an answer that finds no room half-way holds none', async () => {
  const { of, written } = recordings(3_000)
  pass(of, 1_000, 4_000)
  expect(of.lost).toBe(1)
  await of.flush()
  pass(of, 1_000, 2_000)
  expect(of.lost).toBe(1)
  await of.flush()
  expect(written.map(({ answer }) => answer().withheld)).toEqual(['no_room', null])
})
