import OpenAI from 'openai'
import { Fault } from '#schemas/errors.ts'
import { traceHeaders } from '#temporal/tracing.ts'
import type { Provider } from './complete.ts'

/** One chat completion over the OpenAI wire. Retries are the activity's, so the client makes none. */
export const completeWithOpenai: Provider = async (config, { turns, name, jsonSchema, signal }) => {
  const client = new OpenAI({ apiKey: config.key, baseURL: config.url ?? null, maxRetries: 0, timeout: 25_000 })
  try {
    const reply = await client.chat.completions.create(
      {
        model: config.model,
        messages: [...turns],
        temperature: 0,
        response_format: { type: 'json_schema', json_schema: { name, schema: jsonSchema, strict: true } },
      },
      { headers: traceHeaders(), ...(signal === undefined ? {} : { signal }) },
    )
    return reply.choices[0]?.message.content ?? ''
  } catch (error) {
    throw modelFault(error)
  }
}

/** 4xx other than 408, 409 and 429 will not get better by asking again. */
export const modelFault = (error: unknown): unknown => {
  const status = (error as { status?: unknown }).status
  const message = error instanceof Error ? error.message : String(error)
  if (typeof status === 'number' && status >= 400 && status < 500 && ![408, 409, 429].includes(status))
    return new Fault('model_refused', `The model refused: ${message}`, {}, error)
  return new Fault('unavailable', `The model does not answer: ${message}`, {}, error)
}
