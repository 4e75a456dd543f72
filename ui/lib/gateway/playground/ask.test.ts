import { emptyAnswer } from '#schemas/gateway/playground-empty.ts'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { Events, finishText } from './answer.ts'
import { ask } from './ask.ts'

const question = { model: 'fast', messages: [{ role: 'user', content: 'Which?' }] }
const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`
const delta = (of: object, finish: string | null = null) => event({ choices: [{ delta: of, finish_reason: finish }] })

/** Asks somebody who answers like that. */
const asked = async (listener: RequestListener, signal = new AbortController().signal) => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = emptyAnswer('fast', 'asking')
  let began = 0
  const at: typeof fetch = (path, init) => fetch(`http://127.0.0.1:${port}${path as string}`, init)
  await ask(question, answer, signal, () => void began++, at)
  server.closeAllConnections()
  server.close()
  return { answer, began }
}
const streamed =
  (...pieces: string[]): RequestListener =>
  (_, response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'x-auterity-request': 'mrq_1',
      'x-auterity-provider': 'gpt',
      'x-auterity-model': 'gpt-5-mini',
      'x-auterity-unsaid': '/seed /user',
    })
    for (const piece of pieces) response.write(piece)
    response.end()
  }

test('an answer is put together as it comes, with who gave it and what it took', async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 5 } }
  const { answer, began } = await asked(
    streamed(
      delta({ role: 'assistant', content: '' }),
      delta({ reasoning_content: 'Hm. ' }),
      delta({ content: 'Zwei – ' }),
      delta({ content: 'two.' }, 'stop'),
      event({ choices: [], usage }),
      'data: [DONE]\n\n',
    ),
  )
  expect(began).toBe(1)
  expect(answer).toMatchObject({
    state: 'done',
    text: 'Zwei – two.',
    thought: 'Hm. ',
    finish: 'stop',
    request: 'mrq_1',
    provider: 'gpt',
    served: 'gpt-5-mini',
    unsaid: ['seed', 'user'].map((name) => `/${name}`),
    tokens: { input: 9, cached: 5, output: 4, reasoning: 0 },
  })
  expect(answer.firstMs).toBeLessThanOrEqual(answer.totalMs!)
})

test('calls of tools are put together by their place', async () => {
  const call = (index: number, of: object) => delta({ tool_calls: [{ index, ...of }] })
  const { answer } = await asked(
    streamed(
      call(0, { id: 'a', function: { name: 'look', arguments: '' } }),
      call(1, { id: 'b', function: { name: 'count', arguments: '{}' } }),
      call(0, { function: { arguments: '{"lot"' } }),
      call(0, { function: { arguments: ':2}' } }),
      delta({}, 'tool_calls'),
    ),
  )
  expect(answer.calls).toEqual([
    { id: 'a', name: 'look', arguments: '{"lot":2}', result: null },
    { id: 'b', name: 'count', arguments: '{}', result: null },
  ])
})

test('a stream that ends without saying why, or says an error, has failed and keeps what came', async () => {
  const { answer: ended } = await asked(streamed(delta({ content: 'Two' })))
  expect(ended).toMatchObject({ state: 'failed', text: 'Two', error: { title: 'The answer broke off.' } })
  const { answer: told } = await asked(
    streamed(delta({ content: 'Two' }), event({ error: { message: 'It stalled.' } })),
  )
  expect(told).toMatchObject({ state: 'failed', text: 'Two', error: { detail: 'It stalled.' } })
  const { answer: broken } = await asked((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(delta({ content: 'Two' }), () => response.destroy())
  })
  expect(broken).toMatchObject({ state: 'failed', text: 'Two' })
})

test('a refusal is told in its words, with what to do and the request it stands under', async () => {
  const { answer, began } = await asked((_, response) => {
    const problem = {
      title: 'No model has answered this.',
      detail: 'Over budget.',
      modelRequest: 'mrq_2',
      modelCode: 'insufficient_quota',
    }
    response.writeHead(422, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
  })
  expect(began).toBe(0)
  expect(answer).toMatchObject({ state: 'failed', request: 'mrq_2', error: { title: 'No model has answered this.' } })
  expect(answer.error?.detail).toMatch(/^Over budget\. Wait until/)
})

test('what is stopped keeps what came, and is no failure', async () => {
  const stop = new AbortController()
  const { answer } = await asked((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(delta({ content: 'Two' }), () => setImmediate(() => stop.abort()))
  }, stop.signal)
  expect(answer).toMatchObject({ state: 'stopped', error: null })
})

test('events are read in whatever pieces they come', () => {
  const text = 'data: {"a":1}\r\n\r\n: nothing\n\nevent: x\ndata: one\ndata:two\n\ndata: [DONE]\n\n'
  for (let cut = 0; cut <= text.length; cut++) {
    const events = new Events()
    expect([...events.push(text.slice(0, cut)), ...events.push(text.slice(cut))]).toEqual([
      '{"a":1}',
      'one\ntwo',
      '[DONE]',
    ])
  }
})

test('why it ended is said in words where there are some', () => {
  expect([finishText('stop'), finishText('odd'), finishText(null)]).toEqual(['finished', 'odd', null])
})
