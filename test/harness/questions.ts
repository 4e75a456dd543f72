import type { Anthropic } from '@anthropic-ai/sdk'
import type { OpenAI } from 'openai'

export const content = 'What is on the lot?'
export const parameters = { type: 'object', properties: { z: { type: 'number' } }, required: ['z'] }
export const pixel = 'iVBORw0KGgo='

/** What a client of OpenAI asks: with a system, an image, a tool and what it gave. */
export const toClaude = {
  model: 'fast',
  messages: [
    { role: 'system', content: 'You sell cars.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: content },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'stock', arguments: '{"z":2}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'two' },
  ],
  tools: [{ type: 'function', function: { name: 'stock', description: 'How many are left', parameters } }],
  tool_choice: 'auto',
  max_completion_tokens: 300,
  temperature: 0.2,
  stop: ['END'],
} satisfies OpenAI.ChatCompletionCreateParams

/** The same, by a client of Anthropic. */
export const toGpt = {
  model: 'fast',
  max_tokens: 300,
  system: 'You sell cars.',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: content, cache_control: { type: 'ephemeral' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
      ],
    },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_7', name: 'stock', input: { z: 2 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_7', content: 'two' }] },
  ],
  tools: [
    { name: 'stock', description: 'How many are left', input_schema: { ...parameters, type: 'object' as const } },
  ],
  tool_choice: { type: 'any' },
  output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
  stop_sequences: ['END'],
} satisfies Anthropic.MessageCreateParams
