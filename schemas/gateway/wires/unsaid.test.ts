import { expect, test } from 'vitest'
import * as chat from './chat/index.ts'
import type { Dialogue } from './dialogue.ts'
import * as messages from './messages/index.ts'

const ask = (turns: Dialogue['turns'], more: Partial<Dialogue> = {}): Dialogue => ({
  model: 'm',
  maxTokens: 9,
  turns,
  ...more,
})
const paths = (unsaid: { path: string; matters: boolean }[]) => unsaid.map(({ path, matters }) => [path, matters])

test('what a wire cannot say is told, never left out in silence', () => {
  const body = {
    model: 'claude-x',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
          { type: 'text', text: 'x' },
        ],
      },
    ],
    n: 2,
    seed: 7,
    logprobs: true,
    logit_bias: { a: 1 },
    frequency_penalty: 0.5,
    response_format: { type: 'json_object' },
    web_search_options: {},
    metadata: { team: 'sales' },
    store: true,
    service_tier: 'flex',
    prompt_cache_key: 'k',
  }
  const { unsaid } = messages.writeRequest(chat.readRequest(body))
  expect(Object.fromEntries(paths(unsaid))).toEqual({
    '/maxTokens': true,
    '/turns/0/parts/0': true,
    '/choices': true,
    '/seed': true,
    '/logprobs': true,
    '/logit_bias': true,
    '/frequencyPenalty': true,
    '/format': true,
    '/web_search_options': true,
    '/metadata': false,
    '/store': false,
    '/tier': false,
    '/cacheKey': false,
  })
  expect(unsaid.every(({ sentence }) => sentence.endsWith('.'))).toBe(true)
  const back = chat.writeRequest(
    messages.readRequest({
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'user', content: [{ type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }] },
      ],
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      top_k: 4,
      thinking: { type: 'enabled', budget_tokens: 3000 },
    }),
  )
  expect(Object.fromEntries(paths(back.unsaid))).toEqual({
    '/turns/0/parts/0': true,
    '/tools/0': true,
    '/topK': true,
    '/thinking/budget': true,
  })
})

test('arguments that are no object are handed to Claude as a text in one', () => {
  const call = (text: string) =>
    ask([{ role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'f', arguments: text }] }])
  const { body, unsaid } = messages.writeRequest(call('{"a":'))
  expect(body['messages']).toMatchObject([{ content: [{ input: { unreadable: '{"a":' } }] }])
  expect(unsaid).toHaveLength(1)
  expect(messages.writeRequest(call('')).unsaid).toEqual([])
})

test('ids of calls fit the provider, and call and result still find each other', () => {
  const id = 'functions.get_weather:0'
  const turns: Dialogue['turns'] = [
    { role: 'assistant', parts: [{ type: 'tool_call', id, name: 'f', arguments: '{}' }] },
    { role: 'tool', parts: [{ type: 'tool_result', call: id, parts: [{ type: 'text', text: 'x' }] }] },
  ]
  const mistral = chat.writeRequest(ask(turns), chat.chatQuirks.mistral).body['messages'] as [
    { tool_calls: { id: string }[] },
    { tool_call_id: string },
  ]
  expect(mistral[0].tool_calls[0]!.id).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(mistral[1].tool_call_id).toBe(mistral[0].tool_calls[0]!.id)
  const claude = messages.writeRequest(ask(turns)).body['messages'] as {
    content: { id?: string; tool_use_id?: string }[]
  }[]
  expect(claude[0]!.content[0]!.id).toMatch(/^[a-zA-Z0-9_-]+$/)
  expect(claude[1]!.content[0]!.tool_use_id).toBe(claude[0]!.content[0]!.id)
  expect(chat.writeRequest(ask(turns)).body['messages']).toMatchObject([{}, { tool_call_id: id }])
})

test('Mistral is asked in its own words', () => {
  const asked = ask([{ role: 'developer', parts: [{ type: 'text', text: 'x' }] }], {
    seed: 7,
    toolChoice: 'required',
    stream: true,
    streamUsage: true,
    user: 'u',
  })
  const { body, unsaid } = chat.writeRequest(asked, chat.chatQuirks.mistral)
  expect(body).toEqual({
    model: 'm',
    messages: [{ role: 'system', content: 'x' }],
    tool_choice: 'any',
    max_tokens: 9,
    random_seed: 7,
    stream: true,
  })
  expect(paths(unsaid)).toEqual([['/user', false]])
})
