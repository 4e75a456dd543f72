import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { codeOf, messagesOf, pythonOf } from './code.ts'
import type { Question } from './question.ts'

const question: Question = {
  model: 'fast',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'It\'s "due"\nnow' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"lot":2}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'A car.' },
  ],
  temperature: 0,
  stop: ['END'],
  tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }],
}
const of = (id: string) => codeOf('https://auterity.example', question).find((one) => one.id === id)!.text

test('the command says the very question, whatever quotes are in it', () => {
  const shown = of('curl').replace(/^curl/, "printf '%s\\n'")
  const said = execFileSync('sh', ['-c', shown], { encoding: 'utf8' })
  expect(said).toContain('https://auterity.example/gateway/openai/v1/chat/completions\n')
  expect(JSON.parse(said.slice(said.indexOf('--data-binary\n') + '--data-binary\n'.length))).toEqual(question)
})

test('each names the gateway, and has no key in it', () => {
  for (const { text } of codeOf('https://auterity.example', question)) {
    expect(text).toContain('https://auterity.example/gateway/')
    expect(text).toContain('YOUR_KEY')
  }
})

test('Python is written as Python has it', () => {
  expect(pythonOf({ a: [true, false, null, 1.5, 'é"'], b: [], c: {} })).toBe(
    '{\n    "a": [\n        True,\n        False,\n        None,\n        1.5,\n        "é\\"",\n    ],\n    "b": [],\n    "c": {},\n}',
  )
})

test('on the wire of Anthropic the same is asked, tools and images too', () => {
  expect(messagesOf(question)).toEqual({
    model: 'fast',
    max_tokens: 4096,
    system: 'Be brief.',
    temperature: 0,
    stop_sequences: ['END'],
    tools: [{ name: 'look', input_schema: { type: 'object' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'It\'s "due"\nnow' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'look', input: { lot: 2 } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'A car.' }] },
    ],
  })
})
