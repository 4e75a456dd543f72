import { expect, test } from 'vitest'
import type { Topic } from '#schemas/live.ts'
import { Outgoing } from './outgoing.ts'

const drain = async (queue: Outgoing, count: number) => {
  const got = []
  for await (const message of queue) {
    got.push(message)
    if (got.length === count) return got
  }
  return got
}
const row = (id: string) => [{ id }]
const topics: readonly Topic[] = ['runs', 'approvals']

test('deltas that come before the snapshot wait behind it', async () => {
  const queue = new Outgoing(['runs'])
  queue.delta('runs', '8', row('newer'))
  queue.begin('runs', '7', row('older'), false)
  expect(await drain(queue, 2)).toMatchObject([
    { event: 'snapshot', rows: row('older') },
    { event: 'delta', rows: row('newer') },
  ])
})

test('one can resume by the oldest cursor of the topics, once all have begun', async () => {
  const queue = new Outgoing(topics)
  queue.begin('runs', '9', [], false)
  queue.begin('approvals', '5', [], false)
  queue.delta('approvals', '7', row('a'))
  queue.delta('runs', '12', row('b'))
  expect(await drain(queue, 4)).toMatchObject([{}, { id: '5' }, { id: '7' }, { id: '7' }])
})

test('who reads too slowly gets snapshots in place of the backlog, and newer deltas behind them', async () => {
  const queue = new Outgoing(['runs'])
  queue.begin('runs', '1', [], false)
  for (let i = 2; i < 250; i++) queue.delta('runs', String(i), row(`r${i}`))
  const [first] = await drain(queue, 1)
  expect(first).toBe('overrun')
  queue.restart()
  queue.delta('runs', '251', row('while the snapshot is read'))
  queue.begin('runs', '250', row('snapshot'), false)
  const rest: unknown[] = []
  for await (const message of queue) {
    rest.push(message)
    if (message !== 'overrun' && message.event === 'delta' && message.cursor === '251') break
  }
  expect(rest.slice(-2)).toMatchObject([
    { event: 'snapshot', rows: row('snapshot') },
    { event: 'delta', rows: row('while the snapshot is read') },
  ])
})

test('a closed line ends', async () => {
  const queue = new Outgoing(['runs'])
  const rest = drain(queue, 1)
  queue.close()
  expect(await rest).toEqual([])
})
