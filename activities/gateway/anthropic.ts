import Anthropic from '@anthropic-ai/sdk'
import type { Provider } from './complete.ts'
import { traceHeaders } from '#temporal/tracing.ts'
import { modelFault } from './openai.ts'

/** One message over the Anthropic wire; the structured answer comes as the input of the one tool it may use. */
export const completeWithAnthropic: Provider = async (config, { turns, name, jsonSchema, signal }) => {
  const client = new Anthropic({ apiKey: config.key, baseURL: config.url ?? null, maxRetries: 0, timeout: 25_000 })
  const system = turns
    .filter((turn) => turn.role === 'system')
    .map((turn) => turn.content)
    .join('\n\n')
  const messages = turns.flatMap(({ role, content }) => (role === 'system' ? [] : [{ role, content }]))
  try {
    const reply = await client.messages.create(
      {
        model: config.model,
        max_tokens: 4096,
        system,
        messages,
        tools: [{ name, description: 'Give the answer.', input_schema: { type: 'object', ...jsonSchema } }],
        tool_choice: { type: 'tool', name },
      },
      { headers: traceHeaders(), ...(signal === undefined ? {} : { signal }) },
    )
    const used = reply.content.find((block) => block.type === 'tool_use')
    return used === undefined ? '' : JSON.stringify(used.input)
  } catch (error) {
    throw modelFault(error)
  }
}
