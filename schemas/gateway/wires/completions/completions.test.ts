import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { frame } from '../change.ts'
import { unfold } from '../fold.ts'
import * as messages from '../messages/index.ts'
import * as completions from './index.ts'

const reply = {
  id: 'cmpl-1',
  model: 'm',
  created: 7,
  choices: [
    {
      parts: [{ type: 'thinking', text: 'Hm.' } as const, { type: 'text', text: 'Hello' } as const],
      stop: 'length' as const,
    },
  ],
  usage: { input: 3, output: 2 },
}

test('a prompt is asked of any model as what a user says, and what it cannot do is told', () => {
  const asked = completions.readRequest({
    model: 'm',
    prompt: 'Say hello',
    max_tokens: 9,
    stop: 'END',
    echo: true,
    suffix: '!',
  })
  const { body, unsaid } = messages.writeRequest(asked)
  expect(body).toMatchObject({
    messages: [{ role: 'user', content: 'Say hello' }],
    max_tokens: 9,
    stop_sequences: ['END'],
  })
  expect(unsaid.map(({ path }) => path)).toEqual(['/echo', '/suffix'])
  expect(completions.readRequest({ model: 'm', prompt: ['x'] }).turns[0]!.parts).toEqual([{ type: 'text', text: 'x' }])
  for (const prompt of [['a', 'b'], [1, 2], [[1]], 7, []])
    expect(() => completions.readRequest({ model: 'm', prompt })).toThrow(/prompt/)
})

test('the OpenAI client reads the answer, and its stream', async () => {
  const writer = completions.streamWriter({ usage: true })
  const text = [...unfold(reply)]
    .flatMap((change) => writer.write(change))
    .map(frame)
    .join('')
  const client = (body: string, type: string) =>
    new OpenAI({ apiKey: 'sk-test', fetch: async () => new Response(body, { headers: { 'content-type': type } }) })
  const { body, unsaid } = completions.writeReply(reply)
  expect(unsaid).toMatchObject([{ path: '/choices/0/parts/0' }])
  const whole = await client(JSON.stringify(body), 'application/json').completions.create({ model: 'm', prompt: 'x' })
  expect(whole.choices).toEqual([{ text: 'Hello', index: 0, logprobs: null, finish_reason: 'length' }])
  const chunks: OpenAI.Completion[] = []
  for await (const one of await client(text, 'text/event-stream').completions.create({
    model: 'm',
    prompt: 'x',
    stream: true,
  }))
    chunks.push(one)
  expect(chunks.map(({ choices: [choice] }) => choice?.text).join('')).toBe('Hello')
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  })
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
})
