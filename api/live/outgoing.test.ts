import { expect, test } from 'vitest'
import type { Topic } from '#schemas/live.ts'
import { Outgoing, type Message } from './outgoing.ts'

const drain = async (queue: Outgoing): Promise<Message[]> => (await queue.take()) ?? []
const row = (id: string) => [{ id }]
const topics: readonly Topic[] = ['runs', 'approvals']

test('deltas that come before the snapshot wait behind it', async () => {
  const queue = new Outgoing(['runs'])
  queue.delta('runs', '8', row('newer'))
  queue.begin('runs', '7', row('older'), false)
  expect(await drain(queue)).toMatchObject([
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
  expect(await drain(queue)).toMatchObject([{}, { id: '5' }, { id: '7' }, { id: '7' }])
})

test('who reads too slowly gets snapshots in place of the backlog, and newer deltas behind them', async () => {
  const queue = new Outgoing(['runs'])
  queue.begin('runs', '1', [], false)
  for (let i = 2; i < 250; i++) queue.delta('runs', String(i), row(`r${i}`))
  const [first] = await drain(queue)
  expect(first).toBe('overrun')
  queue.restart()
  queue.delta('runs', '251', row('while the snapshot is read'))
  queue.begin('runs', '250', row('snapshot'), false)
  expect((await drain(queue)).slice(-2)).toMatchObject([
    { event: 'snapshot', rows: row('snapshot') },
    { event: 'delta', rows: row('while the snapshot is read') },
  ])
})

test('a closed line ends', async () => {
  const queue = new Outgoing(['runs'])
  const rest = drain(queue)
  queue.close()
  expect(await rest).toEqual([])
})
