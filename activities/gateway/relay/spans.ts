import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { valueAt } from '#schemas/gateway/wires/splice.ts'
import { childOf, isTraced, recordSpan, type Attributes } from '#temporal/tracing.ts'
import type { Accounted } from './accounted.ts'
import type { Asked } from './asked.ts'
import type { Observe } from './index.ts'

// names as in OpenTelemetry's semantic conventions for generative AI (development, November 2026)

const operations: Partial<Record<Operation, string>> = {
  completions: 'text_completion',
  embeddings: 'embeddings',
  count_tokens: 'count_tokens',
  images: 'generate_content',
  image_edits: 'generate_content',
  image_variations: 'generate_content',
  speech: 'generate_content',
  transcriptions: 'generate_content',
  translations: 'generate_content',
  moderations: 'moderation',
}
const providers: Partial<Record<KindName, string>> = {
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
}

/**
 * Tells a request as a span of the trace that its caller is in, and beneath it each asking of a provider where there were
 * several. It says nothing of what was asked or answered.
 */
export const tellSpan: Observe = (row, caller, asked) => {
  if (!isTraced()) return
  const operation = operations[row.operation] ?? 'chat'
  const whole = childOf(parentOf(asked))
  const name = `${operation} ${row.asked}`
  const [start, end] = [row.at, row.at + row.totalMs]
  const failed = row.failure ?? row.outcome !== 'ok'
  recordSpan(
    { name, kind: 'client', ...whole, start, end, failed },
    { ...attributesOf(row, asked, operation), 'auterity.key_name': caller.name ?? undefined },
  )
  if (row.attempts.length < 2) return
  for (const { provider, model, failure = false, at, ms } of row.attempts)
    recordSpan(
      {
        name: `ask ${provider}`,
        kind: 'client',
        ...childOf(whole.span),
        start: start + at,
        end: start + at + ms,
        failed: failure,
      },
      { 'auterity.provider': provider, 'auterity.model': model },
    )
}

/** From who asks over HTTP, or from the part of the platform that asks. */
const parentOf = ({ told, along }: Asked): string | null => {
  const parent = told?.['traceparent'] ?? along?.['traceparent']
  return typeof parent === 'string' ? parent : null
}

const attributesOf = (row: Accounted, { bytes, scanned }: Asked, operation: string): Attributes => {
  const number = (...keys: string[]): number | undefined =>
    keys.map((key) => valueAt(bytes, scanned, key)).find((value) => typeof value === 'number')
  const { tokens, kind, firstByteMs } = row
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': kind === null ? undefined : (providers[kind] ?? kind),
    'gen_ai.request.model': row.asked,
    'gen_ai.request.stream': row.stream,
    'gen_ai.request.max_tokens': number('max_completion_tokens', 'max_tokens', 'max_output_tokens'),
    'gen_ai.request.temperature': number('temperature'),
    'gen_ai.request.top_p': number('top_p'),
    'gen_ai.response.model': row.model ?? undefined,
    'gen_ai.response.time_to_first_chunk': row.stream && firstByteMs !== null ? firstByteMs / 1000 : undefined,
    'gen_ai.usage.input_tokens': tokens?.input,
    'gen_ai.usage.output_tokens': tokens?.output,
    'gen_ai.usage.cache_read.input_tokens': tokens?.cached,
    'gen_ai.usage.cache_creation.input_tokens': tokens?.cacheWrite,
    'gen_ai.usage.reasoning.output_tokens': tokens?.reasoning,
    // Langfuse reads the cost of a call here ("OpenTelemetry", property mapping)
    'gen_ai.usage.cost': row.price === null ? undefined : row.price.nano / 1e9,
    'auterity.cache': row.cache?.how,
    'http.response.status_code': row.status,
    'auterity.tenant': row.tenant,
    'auterity.request': row.id,
    'auterity.key': row.key ?? undefined,
    'auterity.run': row.run ?? undefined,
    'auterity.outcome': row.outcome,
    'auterity.provider': row.provider ?? undefined,
    'auterity.rule': row.steered?.by?.label,
    ...Object.fromEntries(Object.entries(row.tags).map(([key, value]) => [`auterity.tag.${key}`, value])),
  }
}
