import { expect, test } from 'vitest'
import * as chat from './chat/index.ts'
import type { ServerEvent, StreamReader } from './change.ts'
import type { Dialogue, Reply } from './dialogue.ts'
import { fold, unfold } from './fold.ts'
import * as messages from './messages/index.ts'

const ask = (turns: Dialogue['turns'], more: Partial<Dialogue> = {}): Dialogue => ({
  model: 'm',
  maxTokens: 9,
  turns,
  ...more,
})
const paths = (unsaid: { path: string; matters: boolean }[]) => unsaid.map(({ path, matters }) => [path, matters])
const changes = (reader: StreamReader, events: ServerEvent[]) => [
  ...events.flatMap((event) => reader.read(event)),
  ...reader.finish(),
]

test('signed thoughts of Claude go through an OpenAI client and come back to Claude as they were', () => {
  const parts: Reply['choices'][0]['parts'] = [
    { type: 'thinking', text: 'Hm.', seal: { wire: 'messages', data: 'EqQB' } },
    { type: 'thinking', text: '', hidden: true, seal: { wire: 'messages', data: 'EmwK' } },
    { type: 'tool_call', id: 'toolu_1', name: 'stock', arguments: '{}' },
  ]
  const reply: Reply = { id: 'msg_1', model: 'm', choices: [{ parts, stop: 'tool_calls' }] }
  const whole = chat.writeReply(reply).body['choices'] as { message: object }[]
  expect(whole[0]!.message).toMatchObject({ content: null, reasoning_content: 'Hm.' })
  const writer = chat.streamWriter({ usage: false })
  const events = [...unfold(reply)].flatMap((change) => writer.write(change))
  const streamed = fold(changes(chat.streamReader(), events))
  expect(streamed.choices[0]!.parts).toEqual(parts)
  const next = chat.readRequest({ model: 'm', messages: [whole[0]!.message] })
  expect(messages.writeRequest(next, messages.messagesQuirks.all).body['messages']).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'EqQB' },
        { type: 'redacted_thinking', data: 'EmwK' },
        { type: 'tool_use', id: 'toolu_1', name: 'stock', input: {} },
      ],
    },
  ])
})

test('thoughts are never sent on as if the model had said them aloud', () => {
  const turn = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Secret', signature: 's' },
      { type: 'text', text: 'Hi' },
    ],
  }
  const asked = messages.readRequest({ model: 'm', max_tokens: 9, messages: [turn] })
  const { body, unsaid } = chat.writeRequest(asked)
  expect(body['messages']).toEqual([{ role: 'assistant', content: 'Hi' }])
  expect(paths(unsaid)).toEqual([['/turns/0/parts/0', false]])
  expect(chat.writeRequest(asked, chat.chatQuirks.vllm).body['messages']).toMatchObject([
    { content: 'Hi', reasoning_content: 'Secret' },
  ])
  // a thought that another wire signed would be refused by Claude
  const other = ask([
    {
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'x', seal: { wire: 'gemini', data: 's' } },
        { type: 'text', text: 'Hi' },
      ],
    },
  ])
  expect(messages.writeRequest(other).body['messages']).toEqual([{ role: 'assistant', content: 'Hi' }])
})

test('thoughts of other models reach an Anthropic client, and their seals find their way back', () => {
  const thought = { type: 'thinking', text: 'Hm.', seal: { wire: 'responses', data: 'gAAAA' }, id: 'rs_1' } as const
  const reply: Reply = {
    id: 'a',
    model: 'm',
    choices: [{ parts: [thought, { type: 'text', text: 'Hi' }], stop: 'end' }],
  }
  const { content } = messages.writeReply(reply).body
  expect(
    messages.readRequest({ model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] }).turns[0]!.parts,
  ).toMatchObject([thought, { type: 'text', text: 'Hi' }])
})

test('a model is asked to think as it can be asked, and whatever that rules out is told', () => {
  const say = (model: string, more: Partial<Dialogue>) => {
    const { body, unsaid } = messages.writeRequest(
      ask([{ role: 'user', parts: [{ type: 'text', text: 'x' }] }], { model, maxTokens: 9000, ...more }),
    )
    return [body['thinking'], body['output_config'], body['temperature'], ...unsaid.map(({ path }) => path)]
  }
  const thinking = { mode: 'auto', effort: 'high' } as const
  expect(say('claude-opus-5', { thinking, temperature: 0.2 })).toEqual([
    { type: 'adaptive' },
    { effort: 'high' },
    undefined,
    '/temperature',
  ])
  expect(say('claude-sonnet-4-5-20250929', { thinking, temperature: 0.2 })).toEqual([
    { type: 'enabled', budget_tokens: 8999 },
    undefined,
    undefined,
    '/thinking/effort',
    '/temperature',
  ])
  expect(say('claude-opus-4-7', { thinking: { mode: 'on', budget: 5000 } })).toEqual([
    { type: 'adaptive' },
    undefined,
    undefined,
    '/thinking/budget',
  ])
  expect(say('claude-haiku-4-5', { thinking, maxTokens: 900 })).toEqual([undefined, undefined, undefined, '/thinking'])
  expect(
    say('claude-haiku-4-5', { thinking, tools: [{ type: 'function', name: 'f' }], toolChoice: 'required' }),
  ).toEqual([undefined, undefined, undefined, '/thinking'])
  expect(say('claude-3-5-haiku-latest', { temperature: 1.7 })).toEqual([undefined, undefined, 1, '/temperature'])
})

test.each([
  ['claude-3-5-haiku-latest', 'budget', true],
  ['claude-sonnet-4-20250514', 'budget', true],
  ['claude-opus-4-1', 'budget', true],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'budget', true],
  ['claude-opus-4-6', 'both', true],
  ['claude-opus-4-7', 'adaptive', false],
  ['us.anthropic.claude-opus-5', 'adaptive', false],
  ['claude-sonnet-5-5@20261001', 'adaptive', false],
  ['my-own-model', 'both', true],
])('what a model takes is known by its name: %s', (model, thinks, sampling) => {
  expect(messages.quirksOfModel(model)).toMatchObject({ thinks, sampling })
})
