import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LiveRow, Topic } from '#schemas/live.ts'
import { deadAfterMs } from './connection.ts'
import { Feed, type FeedOptions, type Subscription } from './feed.ts'
import { LiveServer, type Line } from './live-server.ts'

const server = new LiveServer()
const page = { hidden: false, online: true, change: () => {} }
let now = 1_000_000
let feed: Feed
let waiters: { met: () => boolean; go: () => void }[] = []

/** Waits for a condition, looked at whenever the server or the feed has news. */
const until = (met: () => boolean): Promise<void> =>
  new Promise((go) => {
    waiters.push({ met, go })
    ring()
  })
const ring = (): void => {
  const ready = waiters.filter(({ met }) => met())
  waiters = waiters.filter((waiter) => !ready.includes(waiter))
  for (const { go } of ready) go()
}
const line = async (n: number): Promise<Line> => {
  await until(() => server.lines.length >= n)
  return server.lines[n - 1]!
}
const byId = (a: LiveRow, b: LiveRow): number => a.id.localeCompare(b.id)
const watch = (topic: Topic): Subscription => feed.subscribe(topic, { onChange: ring, compare: byId })
const ids = (subscription: Subscription): string[] => subscription.rows().map((row) => row.id)
const newFeed = (more: Partial<FeedOptions> = {}): Feed => {
  const made = new Feed({
    origin: server.origin,
    signals: {
      hidden: () => page.hidden,
      online: () => page.online,
      onChange: (act) => {
        page.change = act
        return () => {}
      },
    },
    backoff: { firstMs: 2, mostMs: 10 },
    now: () => now,
    random: () => 0.5,
    letGoAfterMs: 1,
    ...more,
  })
  made.onConnection(ring)
  return made
}

beforeEach(async () => {
  Object.assign(page, { hidden: false, online: true })
  server.status = 200
  server.lines.length = 0
  server.onChange = ring
  await server.start()
  feed = newFeed()
})
afterEach(async () => {
  feed.close()
  await server.stop()
})

describe('rows', () => {
  test('a snapshot replaces, a delta changes and removes by id, in the given order', async () => {
    const runs = watch('runs')
    expect(runs.ready()).toBe(false)
    const one = await line(1)
    one.send('snapshot', { topic: 'runs', rows: [{ id: 'c' }, { id: 'a', state: 'running' }] }, '1')
    await until(runs.ready)
    expect(ids(runs)).toEqual(['a', 'c'])
    one.send(
      'delta',
      { topic: 'runs', rows: [{ id: 'b' }, { id: 'a', state: 'done' }, { id: 'c', deleted: true }] },
      '2',
    )
    await until(() => ids(runs).includes('b'))
    expect(runs.rows()).toEqual([{ id: 'a', state: 'done' }, { id: 'b' }])
    one.send('snapshot', { topic: 'runs', rows: [{ id: 'z' }] }, '3')
    await until(() => ids(runs).includes('z'))
    expect(ids(runs)).toEqual(['z'])
  })

  test('all that is watched shares one line, and rows go to their own topic', async () => {
    const runs = watch('runs')
    const approvals = watch('approvals')
    const again = watch('runs')
    const one = await line(1)
    expect(one.topics).toEqual(['runs', 'approvals'])
    one.send('snapshot', { topic: 'approvals', rows: [{ id: 'x' }] }, '1')
    one.send('snapshot', { topic: 'runs', rows: [{ id: 'r' }] }, '2')
    await until(again.ready)
    expect([ids(runs), ids(again), ids(approvals)]).toEqual([['r'], ['r'], ['x']])
  })

  test('a topic added later starts a new line with snapshots; one closed by its last watcher leaves it', async () => {
    const runs = watch('runs')
    const one = await line(1)
    one.send('snapshot', { topic: 'runs', rows: [] }, '7')
    await until(runs.ready)
    const system = watch('system')
    const two = await line(2)
    expect(two).toMatchObject({ topics: ['runs', 'system'], lastEventId: undefined })
    await until(one.closed)
    two.send('snapshot', { topic: 'runs', rows: [{ id: 'r' }] }, '8')
    two.send('snapshot', { topic: 'system', rows: [] }, '9')
    await until(system.ready)
    system.close()
    expect(await line(3)).toMatchObject({ topics: ['runs'], lastEventId: '9' })
    expect(ids(runs)).toEqual(['r'])
  })
})

describe('a line that breaks', () => {
  test('is made again from the last cursor, and the rows stay meanwhile', async () => {
    const runs = watch('runs')
    const one = await line(1)
    one.send('snapshot', { topic: 'runs', rows: [{ id: 'a' }] }, '41')
    one.send('delta', { topic: 'runs', rows: [{ id: 'b' }] }, '42')
    await until(() => ids(runs).length === 2)
    one.cut()
    await until(() => feed.connection.state === 'reconnecting')
    expect(ids(runs)).toEqual(['a', 'b'])
    const two = await line(2)
    expect(two.lastEventId).toBe('42')
    two.send('delta', { topic: 'runs', rows: [{ id: 'c' }] }, '43')
    await until(() => ids(runs).length === 3)
    expect(feed.connection.state).toBe('live')
  })

  test('is tried until the server is back after a restart', async () => {
    const runs = watch('runs')
    ;(await line(1)).send('snapshot', { topic: 'runs', rows: [{ id: 'a' }] }, '5')
    await until(runs.ready)
    await server.stop()
    await until(() => feed.connection.state === 'reconnecting')
    await server.start()
    const back = await line(2)
    expect(back.lastEventId).toBe('5')
    await until(() => feed.connection.state === 'live')
  })

  test('half an event is not taken for a whole one', async () => {
    const runs = watch('runs')
    const one = await line(1)
    one.send('snapshot', { topic: 'runs', rows: [{ id: 'a' }] }, '1')
    await until(runs.ready)
    one.raw('event: delta\nid: 2\ndata: {"topic":"runs","rows":[{"id":"b"}]}\n')
    one.cut()
    expect((await line(2)).lastEventId).toBe('1')
    expect(ids(runs)).toEqual(['a'])
  })

  test('a server that refuses (503) is asked again; one that knows nobody (401) is not', async () => {
    server.status = 503
    watch('runs')
    await line(3)
    server.status = 200
    await until(() => feed.connection.state === 'live')
    feed.close()

    let asked = 0
    server.status = 401
    feed = newFeed({
      onUnauthenticated: () => {
        asked++
        ring()
      },
    })
    watch('runs')
    await until(() => asked === 1 && feed.connection.state === 'idle')
  })

  test('a silent one counts the seconds, and is given up in the end', async () => {
    watch('runs')
    const one = await line(1)
    await until(() => feed.connection.state === 'live')
    expect(feed.connection.behindSeconds).toBe(0)
    now += 9_000
    feed.beat()
    expect(feed.connection).toMatchObject({ state: 'live', behindSeconds: 9 })
    one.send('tick', { at: now })
    await until(() => feed.connection.behindSeconds === 0)
    now += deadAfterMs + 1
    feed.beat()
    await line(2)
    expect(one.closed()).toBe(true)
  })
})

describe('the page', () => {
  test('a hidden one lets go of the line and resumes by cursor when looked at', async () => {
    const runs = watch('runs')
    const one = await line(1)
    one.send('snapshot', { topic: 'runs', rows: [] }, '3')
    await until(runs.ready)
    page.hidden = true
    page.change()
    await until(one.closed)
    page.hidden = false
    page.change()
    expect((await line(2)).lastEventId).toBe('3')
  })

  test('without a network it says offline, and comes back with it', async () => {
    watch('runs')
    await line(1)
    page.online = false
    page.change()
    await until(() => feed.connection.state === 'offline')
    page.online = true
    page.change()
    await line(2)
    await until(() => feed.connection.state === 'live')
  })
})
