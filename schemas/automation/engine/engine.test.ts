import { expect, test } from 'vitest'
import { chain, definition, http, play, type Told } from '#test/harness/played.ts'
import type { Json, Node } from '../definition.ts'

test('steps run one after the other, see what came before, and the run gives its mapping', async () => {
  const def = definition(
    [
      { id: 'start', kind: 'start' },
      http('a'),
      http('b', { with: { url: { text: 'b of {{ steps.a.body }}' } } }),
      { id: 'end', kind: 'end', with: { outcome: 'sent' } },
    ],
    chain('start', 'a', 'b', 'end'),
    { output: { last: { cel: 'steps.b.body' } } },
  )
  const { end } = await play(def)
  expect(end).toMatchObject({ end: 'completed', outcome: 'sent', output: { last: 'b of a' } })
})

test('a decision takes one way, and the join behind it waits for that way only', async () => {
  const def = definition(
    [
      { id: 'start', kind: 'start' },
      { id: 'big', kind: 'decision', with: { cases: [{ port: 'yes', when: { cel: 'input.n > 3' } }] } },
      http('yes'),
      http('no'),
      http('join'),
    ],
    [
      { from: 'start', to: 'big' },
      { from: 'big', port: 'yes', to: 'yes' },
      { from: 'big', port: 'else', to: 'no' },
      ...chain('yes', 'join'),
      ...chain('no', 'join'),
    ],
  )
  expect((await play(def, undefined, { input: { n: 5 } })).begun).toEqual(['yes#0 http.request', 'join#0 http.request'])
  expect((await play(def, undefined, { input: { n: 1 } })).begun).toEqual(['no#0 http.request', 'join#0 http.request'])
})

test('a failure goes by the port typed by its code, else by the one for all, else it ends the run', async () => {
  const nodes = [{ id: 'start', kind: 'start' }, http('a'), http('typed'), http('all'), http('on')]
  const edges = [
    ...chain('start', 'a', 'on'),
    { from: 'a', port: 'error:busy', to: 'typed' },
    { from: 'a', port: 'error', to: 'all' },
  ]
  const with_ = (fail: string) => play(definition(nodes, edges), (url) => (url === 'a' ? { fail } : {}))
  expect((await with_('busy')).begun.at(-1)).toBe('typed#0 http.request')
  expect((await with_('other')).begun.at(-1)).toBe('all#0 http.request')
  const { end } = await play(definition(nodes, chain('start', 'a', 'on')), (url) =>
    url === 'a' ? { fail: 'busy' } : {},
  )
  expect(end).toMatchObject({ end: 'failed', failing: { code: 'busy', node: 'a' } })
})

test('what was done is undone newest first when a later step fails', async () => {
  const undo = (name: string) => ({ operation: `undo.${name}`, input: { of: { cel: `steps.${name}.body` } } })
  const def = definition(
    [{ id: 'start', kind: 'start' }, http('a', { undo: undo('a') }), http('b', { undo: undo('b') }), http('c')],
    chain('start', 'a', 'b', 'c'),
  )
  const { end, host } = await play(def, (url) => (url === 'c' ? { fail: 'no' } : {}))
  expect(host.acts.slice(3)).toEqual(['b#0:undo undo.b', 'a#0:undo undo.a'])
  expect(end).toMatchObject({
    end: 'failed',
    undone: [
      { node: 'b', ok: true },
      { node: 'a', ok: true },
    ],
  })
})

const branches = (until: string, count?: number) =>
  definition(
    [
      { id: 'start', kind: 'start' },
      {
        id: 'par',
        kind: 'parallel',
        with: {
          branches: [{ port: 'x' }, { port: 'y' }, { port: 'z' }],
          until,
          ...(count === undefined ? {} : { count }),
        },
      },
      http('x', { within: 'par' }),
      http('y', { within: 'par' }),
      http('z', { within: 'par' }),
      http('z2', { within: 'par' }),
      http('then'),
    ],
    [
      ...chain('start', 'par', 'then'),
      { from: 'par', port: 'x', to: 'x' },
      { from: 'par', port: 'y', to: 'y' },
      { from: 'par', port: 'z', to: 'z' },
      ...chain('z', 'z2'),
    ],
  )
const slow = (url: string): Told => ({ ms: { x: 30, y: 10, z: 20, z2: 100 }[url] ?? 1 })

test('all waits for all; any and race for the first, which stops the others; some for so many', async () => {
  expect((await play(branches('all'), slow)).host.now()).toBe(121)
  const any = await play(branches('any'), slow)
  expect(any.begun).not.toContain('z2#0 http.request')
  expect(any.host.now()).toBe(11)
  expect((await play(branches('some', 2), slow)).host.now()).toBe(31)
  const lost = await play(branches('race'), (url) => (url === 'y' ? { ms: 1, fail: 'lost' } : {}))
  expect(lost.end).toMatchObject({ end: 'failed', failing: { code: 'lost' } })
  const won = await play(branches('any'), (url) => (url === 'y' ? { ms: 1, fail: 'lost' } : slow(url)))
  expect(won.end.end).toBe('completed')
})

const loopOver = (more: Record<string, Json>, body: Partial<Node> = {}) =>
  definition(
    [
      { id: 'start', kind: 'start' },
      { id: 'each', kind: 'loop', with: { over: 'items', items: { cel: 'input.items' }, ...more } },
      http('one', { within: 'each', with: { url: { text: 'u{{ item }}-{{ index }}' } }, ...body }),
      { id: 'end', kind: 'end', with: { output: { all: { cel: 'steps.each.map(r, r.body)' } } } },
    ],
    [...chain('start', 'each', 'end'), { from: 'each', port: 'each', to: 'one' }],
  )

test('a loop gives what its turns came to in order, so many at once, and each turn is an iteration', async () => {
  const items = Array.from({ length: 7 }, (_x, n) => n)
  const def = loopOver({ concurrency: 3 })
  const { end, begun, host } = await play(def, (url) => ({ ms: 10 + (url.charCodeAt(1) % 3) }), { input: { items } })
  expect(end).toMatchObject({ output: { all: items.map((n) => `u${n}-${n}`) } })
  expect(begun.slice(0, 3)).toEqual(['one#1 http.request', 'one#2 http.request', 'one#3 http.request'])
  expect(host.now()).toBeLessThan(50)
})

test('1,200 items are worked through page by page, with the same answer', async () => {
  const items = Array.from({ length: 1200 }, (_x, n) => n)
  const { end } = await play(loopOver({ concurrency: 50 }), undefined, { input: { items } })
  expect((end as unknown as { output: { all: string[] } }).output.all).toEqual(items.map((n) => `u${n}-${n}`))
})

test('a run that is carried on in fresh histories comes to the same, each step begun once', async () => {
  const items = Array.from({ length: 40 }, (_x, n) => n)
  const def = loopOver({ concurrency: 4 })
  const whole = await play(def, undefined, { input: { items } })
  const inParts = await play(def, undefined, { input: { items } }, undefined, 20)
  expect(inParts.engines).toBeGreaterThan(3)
  expect(inParts.end).toEqual(whole.end)
  expect(new Set(inParts.begun).size).toBe(inParts.begun.length)
})

test('a while loop ends when its condition does, or fails at its bound', async () => {
  const def = (most: number) =>
    definition(
      [
        { id: 'start', kind: 'start' },
        { id: 'grow', kind: 'loop', with: { over: 'while', while: { cel: 'vars.n < 5' }, most } },
        { id: 'add', kind: 'set', within: 'grow', with: { values: { n: { cel: 'vars.n + 1' } } } },
      ],
      [...chain('start', 'grow'), { from: 'grow', port: 'each', to: 'add' }],
      { variables: [{ name: 'n', type: 'number', initial: 0 }], output: { n: { cel: 'vars.n' } } },
    )
  expect((await play(def(10))).end).toMatchObject({ end: 'completed', output: { n: 5 } })
  expect((await play(def(3))).end).toMatchObject({ end: 'failed', failing: { code: 'loop_bound' } })
})

test('a wait goes on after its time, an event wait by the event that matches, in time or too late', async () => {
  const def = definition(
    [
      { id: 'start', kind: 'start' },
      { id: 'nap', kind: 'wait', with: { for: 'duration', duration: '1h' } },
      {
        id: 'ev',
        kind: 'wait',
        with: { for: 'event', event: 'paid', key: 'k', when: { cel: 'event.sum > 10' }, most: '1d', earlier: false },
      },
      http('paid'),
      http('late'),
    ],
    [...chain('start', 'nap', 'ev', 'paid'), { from: 'ev', port: 'timeout', to: 'late' }],
  )
  const late = await play(def)
  expect(late.begun).toEqual(['late#0 http.request'])
  const paid = await play(def, undefined, {}, (engine, host) => {
    host.at(4_000_000, () => engine.deliver({ node: 'ev#0', type: 'event', data: { data: { sum: 5 } } }))
    host.at(5_000_000, () => engine.deliver({ node: 'ev#0', type: 'event', data: { data: { sum: 50 } } }))
  })
  expect(paid.begun).toEqual(['paid#0 http.request'])
  expect(paid.host.now()).toBe(5_000_010)
})

test('a wait for the next time of a schedule ends then, by the clock of its zone, and a fresh history does not move it', async () => {
  const waits = (cron: Json, zone: Json) =>
    definition(
      [
        { id: 'start', kind: 'start' },
        { id: 'par', kind: 'parallel', with: { branches: [{ port: 'x' }, { port: 'y' }], until: 'all' } },
        { id: 'nap', kind: 'wait', within: 'par', with: { for: 'schedule', cron, zone } },
        ...['a', 'b', 'c'].map((id) => http(id, { within: 'par' })),
      ],
      [
        ...chain('start', 'par'),
        { from: 'par', port: 'x', to: 'nap' },
        { from: 'par', port: 'y', to: 'a' },
        ...chain('a', 'b', 'c'),
      ],
      { variables: [{ name: 'zone', type: 'string', initial: 'America/Chicago' }] },
    )
  const byVariable = waits('0 9 * * 1-5', { cel: 'vars.zone' })
  // the virtual clock begins on Thursday, 1 January 1970, 00:00 UTC
  const nine = Date.UTC(1970, 0, 1, 15)
  const plain = await play(byVariable)
  expect(plain.host.now()).toBe(nine)
  const carried = await play(byVariable, () => ({ ms: 7_200_000 }), {}, undefined, 3)
  expect(carried.engines).toBeGreaterThan(1)
  expect(carried.end).toMatchObject({ end: 'completed' })
  expect(carried.host.now()).toBe(nine)
  const failing = async (cron: Json, zone: Json) => (await play(waits(cron, zone))).end
  expect(await failing('0 25 * * *', 'UTC')).toMatchObject({
    end: 'failed',
    failing: { code: 'field_invalid', node: 'nap', message: '“Schedule” has the hour “25”. It is from 0 to 23.' },
  })
  expect(await failing('0 9 * * *', { cel: '"Mars/Base"' })).toMatchObject({
    failing: { code: 'field_invalid', message: '“Time zone” is no zone such as America/Chicago: “Mars/Base”.' },
  })
})

test('paused, nothing begins; a step lets one begin; resumed, all goes on; a skipped node is passed over', async () => {
  const def = definition(
    [{ id: 'start', kind: 'start' }, http('a'), http('b'), http('c'), http('d')],
    chain('start', 'a', 'b', 'c', 'd'),
  )
  const seen: string[] = []
  const { end, begun } = await play(def, undefined, {}, (engine, host) => {
    host.at(5, () => engine.pause.begin())
    host.at(100, () => seen.push(`paused ${host.acts.length}`))
    host.at(101, () => engine.pause.step())
    host.at(200, () => seen.push(`stepped ${host.acts.length}`))
    host.at(201, () => engine.skip('d#0'))
    host.at(300, () => engine.pause.end())
  })
  expect(seen).toEqual(['paused 1', 'stepped 2'])
  expect(begun).toEqual(['a#0 http.request', 'b#0 http.request', 'c#0 http.request'])
  expect(end.end).toBe('completed')
})

test('a time limit ends a wait with an error of its own; cancelling ends the run and undoes', async () => {
  const def = definition(
    [
      { id: 'start', kind: 'start' },
      http('a', { undo: { operation: 'undo.a' } }),
      { id: 'nap', kind: 'wait', timeout: '1m', with: { for: 'duration', duration: '1h' } },
      http('late'),
    ],
    [...chain('start', 'a', 'nap'), { from: 'nap', port: 'error:timed_out', to: 'late' }],
  )
  expect((await play(def)).begun.at(-1)).toBe('late#0 http.request')
  const stopped = await play(def, undefined, {}, (engine, host) => host.at(1000, () => engine.stop()))
  expect(stopped.end).toMatchObject({ end: 'stopped', undone: [{ node: 'a', ok: true }] })
})

test('seeded nodes are taken over, pinned ones too, and a run until a node ends there', async () => {
  const def = definition(
    [{ id: 'start', kind: 'start' }, http('a'), http('b'), http('c')],
    chain('start', 'a', 'b', 'c'),
    { output: { b: { cel: 'steps.b.body' } } },
  )
  const seeded = await play(def, undefined, {
    seed: { nodes: { a: { ports: ['out'], output: { body: 'old' } } }, vars: {} },
  })
  expect(seeded.begun).toEqual(['b#0 http.request', 'c#0 http.request'])
  const until = await play(def, undefined, { pins: { a: { body: 'pin' } }, until: 'b' })
  expect(until.begun).toEqual(['b#0 http.request'])
  expect(until.end.end).toBe('completed')
})
