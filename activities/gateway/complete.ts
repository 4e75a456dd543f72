import { Fault } from '#schemas/errors.ts'
import type { z } from 'zod'
import { z as zod } from 'zod'
import { traced } from '#temporal/tracing.ts'
import { completeWithAnthropic } from './anthropic.ts'
import { completeWithOpenai } from './openai.ts'

export type ModelConfig = {
  provider: 'openai' | 'anthropic'
  url?: string | undefined
  key: string
  model: string
  sandbox: boolean
}

export type Turn = { role: 'system' | 'user' | 'assistant'; content: string }
export type Ask = {
  turns: readonly Turn[]
  name: string
  jsonSchema: Record<string, unknown>
  signal?: AbortSignal | undefined
}
/** One answer of a model, over its provider's wire. */
export type Provider = (config: ModelConfig, ask: Ask) => Promise<string>

export type Gateway = {
  readonly config: ModelConfig
  /** A structured answer of `shape`; an answer of another shape is sent back once for repair, then `model_refused`. */
  complete<T extends z.ZodType>(
    shape: T,
    name: string,
    turns: readonly Turn[],
    signal?: AbortSignal,
  ): Promise<{ value: z.infer<T>; repaired: boolean }>
}

const providers: Record<ModelConfig['provider'], Provider> = {
  openai: completeWithOpenai,
  anthropic: completeWithAnthropic,
}

export function createGateway(config: ModelConfig): Gateway {
  const provider: Provider = (config, ask) =>
    traced(
      `chat ${config.model}`,
      {
        kind: 'client',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': config.provider,
          'gen_ai.request.model': config.model,
        },
      },
      () => providers[config.provider](config, ask),
    )
  return {
    config,
    async complete(shape, name, turns, signal) {
      const jsonSchema = zod.toJSONSchema(shape, { target: 'draft-7' }) as Record<string, unknown>
      const first = await provider(config, { turns, name, jsonSchema, signal })
      const read = readAnswer(shape, first)
      if (read.ok) return { value: read.value, repaired: false }
      const repair: Turn[] = [
        ...turns,
        { role: 'assistant', content: first.slice(0, 8000) },
        { role: 'user', content: `Repair your answer: ${read.why} Answer with the JSON object only.` },
      ]
      const again = readAnswer(shape, await provider(config, { turns: repair, name, jsonSchema, signal }))
      if (again.ok) return { value: again.value, repaired: true }
      throw new Fault('model_refused', `The model's answer was not of the asked shape, twice: ${again.why}`)
    },
  }
}

const readAnswer = <T extends z.ZodType>(
  shape: T,
  answer: string,
): { ok: true; value: z.infer<T> } | { ok: false; why: string } => {
  let json: unknown
  try {
    json = JSON.parse(answer.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, ''))
  } catch {
    return { ok: false, why: 'It is not JSON.' }
  }
  const parsed = shape.safeParse(json)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, why: zod.prettifyError(parsed.error) }
}
