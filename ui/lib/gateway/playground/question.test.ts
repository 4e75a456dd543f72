import { expect, test } from 'vitest'
import { emptyAnswer, emptyContent } from '#schemas/gateway/playground-empty.ts'
import type { PlaygroundAnswer, PlaygroundTurn } from '#schemas/gateway/playgrounds.ts'
import { nameOf, problemsOf, questionOf } from './question.ts'

const answer = (more: Partial<PlaygroundAnswer>): PlaygroundAnswer => ({ ...emptyAnswer('fast', 'done'), ...more })
const turn = (text: string, answers: PlaygroundTurn['answers'], images: string[] = []) => ({ text, images, answers })
const content = { ...emptyContent, models: ['fast', 'strong'] }

test('each column goes on from its own answers; one that was not answered has not heard that turn', () => {
  const turns = [
    turn('One', [answer({ text: 'A' }), answer({ text: 'B' })]),
    turn('Two', [answer({ state: 'failed' }), answer({ text: 'C' })]),
    turn('Three', [null, null]),
  ]
  const said = (column: number) => questionOf({ ...content, turns }, column).messages.map((one) => one.content)
  expect(said(0)).toEqual(['One', 'A', 'Three'])
  expect(said(1)).toEqual(['One', 'B', 'Two', 'C', 'Three'])
  expect(questionOf({ ...content, turns }, 1).model).toBe('strong')
})

test('a tool that was called is answered, also with nothing, and a turn without words says nothing else', () => {
  const call = { id: 'c1', name: 'look', arguments: '{}' }
  const turns = [
    turn('One', [
      answer({
        calls: [
          { ...call, result: 'A car.' },
          { ...call, id: 'c2', result: null },
        ],
      }),
    ]),
    turn('', [null]),
  ]
  expect(questionOf({ ...content, turns }, 0).messages).toEqual([
    { role: 'user', content: 'One' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } },
        { id: 'c2', type: 'function', function: { name: 'look', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'A car.' },
    { role: 'tool', tool_call_id: 'c2', content: '' },
  ])
})

test('images stand behind the words; what is not set is not said', () => {
  const turns = [turn('', [null], ['data:image/png;base64,AA'])]
  expect(questionOf({ ...content, system: ' ', turns }, 0)).toEqual({
    model: 'fast',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] }],
  })
})

test('all parameters are said in the words of the wire, a 0 among them', () => {
  const question = questionOf(
    {
      ...content,
      system: 'Be brief.',
      parameters: { temperature: 0, topP: 0.5, maxTokens: 9, effort: 'low', seed: 0, stop: ['END'] },
      tools: '[{"type":"function","function":{"name":"look"}}]',
      schema: '{"type":"object"}',
      turns: [turn('One', [null])],
    },
    0,
  )
  expect(question).toMatchObject({
    temperature: 0,
    top_p: 0.5,
    max_completion_tokens: 9,
    reasoning_effort: 'low',
    seed: 0,
    stop: ['END'],
    tools: [{ type: 'function', function: { name: 'look' } }],
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
  })
  expect(question.messages[0]).toEqual({ role: 'system', content: 'Be brief.' })
})

test.each([
  ['', '', null, null],
  ['  ', '\n', null, null],
  ['[]', '{}', null, null],
  ['{}', '[]', /Tools are a JSON list/, /A schema is/],
  ['[{"name":"look"}]', '1', /Tools are a JSON list/, /A schema is/],
  ['[', '{', /This is not JSON/, /This is not JSON/],
])('tools %j and schema %j: what cannot be sent is said', (tools, schema, first, second) => {
  const { tools: aboutTools, schema: aboutSchema } = problemsOf({ tools, schema })
  for (const [told, wanted] of [
    [aboutTools, first],
    [aboutSchema, second],
  ] as const)
    if (wanted === null) expect(told).toBeNull()
    else expect(told).toMatch(wanted)
})

test('a conversation is called by the first line of what it asks', () => {
  expect(nameOf('  Which lot?\nAnd why?')).toBe('Which lot?')
  expect(nameOf(' \n ')).toBe('A conversation')
  expect(nameOf('word '.repeat(50))).toMatch(/^(?:word )+word…$|…$/)
  expect(nameOf('x'.repeat(61))).toHaveLength(60)
})
