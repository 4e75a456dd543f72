import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEvents, type ServerEvent } from './sse.ts'

const read = async (text: string, cuts: readonly number[] = []): Promise<ServerEvent[]> => {
  const bytes = new TextEncoder().encode(text)
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [n, from] of at.slice(0, -1).entries()) controller.enqueue(bytes.slice(from, at[n + 1]))
      controller.close()
    },
  })
  return Array.fromAsync(readEvents(stream))
}

test('reads names, ids, comments and data of several lines', async () => {
  const text = ': hello\n\nevent: delta\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:bare\n\nevent: nothing\n\n'
  expect(await read(text)).toEqual([
    { event: 'delta', id: '7', data: '{"a":\n1}' },
    { event: 'message', id: undefined, data: 'bare' },
  ])
})

test('reads the same however the bytes are cut, and with any line end', async () => {
  const lines = ['event: snapshot', 'id: é-1', 'data: {"name":"Zoë 🚗"}', '', 'event: tick', 'data: 2', '', '']
  const whole = await read(lines.join('\n'))
  expect(whole).toHaveLength(2)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(200), { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (cuts, end) => {
        const text = lines.join(end) + (end === '\r' ? ':\r' : '')
        expect(await read(text, cuts)).toEqual(whole)
      },
    ),
    { seed: 11, numRuns: 200 },
  )
})

test('drops an event that the stream ends in', async () => {
  expect(await read('data: 1\n\ndata: 2\n')).toEqual([{ event: 'message', id: undefined, data: '1' }])
})
