import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createLog } from '#activities/log.ts'
import { startCollector, type Collected, type Collector } from '#test/harness/collector.ts'
import { useGateway, type Asker } from '#test/harness/gateway.ts'
import { json, partly, well } from '#test/harness/upstream.ts'
import { startTracing } from '#temporal/tracing.ts'

const { gateway, first, second } = await useGateway({ first: well, second: well })
let collector: Collector
let flush: () => Promise<void>

beforeAll(async () => {
  collector = await startCollector()
  // as Langfuse is told of traces: at its own path, with its two keys
  const endpoint = `${collector.url}/api/public/otel`
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint)
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'Authorization=Basic%20cGstbGY6c2stbGY=')
  const start = () => startTracing('test', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, createLog('test', 'error'))
  let stop = await start()
  flush = async () => {
    await stop()
    stop = await start()
  }
})
afterAll(async () => {
  await flush()
  await collector[Symbol.asyncDispose]()
  vi.unstubAllEnvs()
})

const tenant = () =>
  gateway.tenant(
    [
      { kind: 'azure', name: 'one', baseUrl: first.url, apiKey: 'sk-first' },
      { kind: 'openai', name: 'two', baseUrl: second.url, apiKey: 'sk-second' },
    ],
    ['one', 'two'].map((provider) => ({ provider, model: 'gpt-5-mini' })),
  )
const question = { model: 'fast', messages: [{ role: 'user' as const, content: 'Is Mrs. Abernathy’s Ford ready?' }] }
const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = { traceparent: `00-${trace}-00f067aa0ba902b7-01` }
/** The spans of what was asked since. */
const told = async (work: () => Promise<unknown>): Promise<Collected[]> => {
  collector.spans.length = 0
  await work()
  await flush()
  return [...collector.spans]
}
const ask = ({ openai }: Asker, headers: Record<string, string> = parent) =>
  openai.chat.completions.create({ ...question, max_completion_tokens: 50, temperature: 0.5 }, { headers })

test('a request is a span of its caller’s trace, in the words of OpenTelemetry, with what it took and cost', async () => {
  const asker = await tenant()
  const [span, ...more] = await told(() => ask(asker))
  const [row] = await gateway.written(asker.ctx)
  expect(more).toEqual([])
  expect(span).toMatchObject({ name: 'chat fast', kind: 3, traceId: trace, parentSpanId: '00f067aa0ba902b7' })
  expect(span?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'azure.ai.openai',
    'gen_ai.request.model': 'fast',
    'gen_ai.request.stream': false,
    'gen_ai.request.max_tokens': 50,
    'gen_ai.request.temperature': 0.5,
    'gen_ai.response.model': 'gpt-5-mini',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 100,
    'gen_ai.usage.cache_read.input_tokens': 500,
    'gen_ai.usage.cache_creation.input_tokens': 0,
    'gen_ai.usage.reasoning.output_tokens': 20,
    'gen_ai.usage.cost': Number(row?.cost_nano) / 1e9,
    'http.response.status_code': 200,
    'auterity.tenant': asker.ctx.tenant,
    'auterity.request': row?.id,
    'auterity.key': asker.key,
    'auterity.key_name': 'Desk',
    'auterity.outcome': 'ok',
    'auterity.provider': 'one',
    'auterity.tag.store': 'north',
  })
})

test('each asking of several is a span beneath it, and the one that failed says how', async () => {
  const asker = await tenant()
  first.next(json(503, { error: { message: 'Busy.' } }))
  const spans = await told(() => ask(asker))
  const whole = spans.find(({ name }) => name === 'chat fast')
  const asked = spans.filter(({ parentSpanId }) => parentSpanId === whole?.spanId)
  expect(asked).toMatchObject([
    { name: 'ask one', status: { code: 2 }, attributes: { 'error.type': 'overloaded' } },
    { name: 'ask two', attributes: { 'auterity.model': 'gpt-5-mini' } },
  ])
  expect(whole?.status?.code ?? 0).toBe(0)
})

test('a stream that breaks off is a failed span that knows its first chunk', async () => {
  const asker = await tenant()
  first.next(partly(3, (response) => response.destroy()))
  const [span] = await told(async () => {
    const stream = await asker.openai.chat.completions.create({ ...question, stream: true })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toThrow()
  })
  expect(span).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'broken', 'auterity.outcome': 'cut' } })
  expect(span?.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
  expect(span?.parentSpanId ?? '').toBe('')
})

test('a parent that is none begins a trace of its own, and one that is not sampled is not told', async () => {
  const asker = await tenant()
  const [span] = await told(() => ask(asker, { traceparent: '00-nonsense-01' }))
  expect(span?.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(await told(() => ask(asker, { traceparent: `00-${trace}-00f067aa0ba902b7-00` }))).toEqual([])
})

test('spans come with the keys and to the path that Langfuse wants, and hold nothing of what was said', async () => {
  const asker = await tenant()
  const spans = await told(() => ask(asker))
  expect(collector.calls.at(-1)).toMatchObject({
    path: '/api/public/otel/v1/traces',
    headers: { authorization: 'Basic cGstbGY6c2stbGY=' },
  })
  expect(JSON.stringify(spans)).not.toContain('Abernathy')
  expect(JSON.stringify(spans)).not.toContain('north lot')
})
