import { expect, test } from 'vitest'
import type { Accounted } from '#activities/gateway/relay/accounted.ts'
import { accounted } from '#test/harness/accounted.ts'
import { useGateway, type Asker } from '#test/harness/gateway.ts'
import { json, partly, well } from '#test/harness/upstream.ts'
import { GatewayFigures, textOf } from './observe.ts'

const figures = new GatewayFigures()
const { gateway, first, second } = await useGateway({ first: well, second: well }, { observer: figures })

const tenant = () =>
  gateway.tenant(
    [
      { kind: 'openai', name: 'one', baseUrl: first.url, apiKey: 'sk-first' },
      { kind: 'openai', name: 'two', baseUrl: second.url, apiKey: 'sk-second' },
    ],
    [
      { provider: 'one', model: 'gpt-5-mini' },
      { provider: 'two', model: 'gpt-5' },
    ],
  )
const ask = ({ openai }: Asker, model = 'fast', stream = false) =>
  openai.chat.completions.create({ model, stream, messages: [{ role: 'user', content: 'What is on the lot?' }] })
const read = async (asker: Asker) => {
  for await (const _ of (await ask(asker, 'fast', true)) as AsyncIterable<unknown>);
}

/** All lines of a figure that have this label; a figure by its whole name. */
const linesOf = async (name: string, label: string, of = figures): Promise<Record<string, number>> => {
  const text = textOf(of.tell([], Date.now()))
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(label))
  return Object.fromEntries(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}
const sumOf = async (...of: Parameters<typeof linesOf>) =>
  Object.values(await linesOf(...of)).reduce((sum, value) => sum + value, 0)

test('what requests cost and took is told under the names of both gateways, as it is written down', async () => {
  const asker = await tenant()
  await ask(asker)
  await ask(asker)
  const rows = await gateway.written(asker.ctx)
  const usd = rows.reduce((sum, row) => sum + Number(row.cost_nano), 0) / 1e9
  expect(usd).toBeGreaterThan(0)
  for (const name of ['litellm_spend_metric_total', 'bifrost_cost_total'])
    expect(await sumOf(name, asker.key)).toBeCloseTo(usd, 12)
  const input = rows.reduce((sum, row) => sum + Number(row.input_tokens), 0)
  const output = rows.reduce((sum, row) => sum + Number(row.output_tokens), 0)
  expect(await sumOf('litellm_input_tokens_metric_total', asker.key)).toBe(input)
  expect(await sumOf('bifrost_output_tokens_total', asker.key)).toBe(output)
  expect(await sumOf('litellm_total_tokens_metric_total', asker.key)).toBe(input + output)
  // an answer that comes whole has no first token
  expect(await sumOf('bifrost_stream_first_token_latency_seconds_count', asker.key)).toBe(0)
  const labels = Object.keys(await linesOf('litellm_proxy_total_requests_metric_total', asker.key))
  expect(labels).toHaveLength(1)
  for (const label of ['api_key_alias="Desk"', 'requested_model="fast"', 'model="gpt-5-mini"', 'api_provider="openai"'])
    expect(labels[0]).toContain(label)
})

test('a fallback is told, and who failed in vain is told with status and kind', async () => {
  const asker = await tenant()
  const busy = json(503, { error: { message: 'Busy.' } })
  first.next(busy)
  await ask(asker)
  first.next(busy)
  second.next(busy)
  await expect(ask(asker)).rejects.toMatchObject({ status: 503 })
  expect(await sumOf('bifrost_request_retries_sum', asker.key)).toBe(2)
  expect(await sumOf('bifrost_success_requests_total', asker.key)).toBe(1)
  const errors = await linesOf('bifrost_error_requests_total', asker.key)
  expect(Object.values(errors)).toEqual([1])
  expect(Object.keys(errors)[0]).toContain('status_code="503",error_type="overloaded"')
  expect(await sumOf('litellm_deployment_successful_fallbacks_total', 'gpt-5"')).toBe(1)
  expect(await sumOf('litellm_deployment_failed_fallbacks_total', 'gpt-5"')).toBe(1)
})

test('a stream tells its first token, and one that is cut is a failure', async () => {
  const asker = await tenant()
  await read(asker)
  first.next(partly(3, (response) => response.destroy()))
  await expect(read(asker)).rejects.toThrow()
  expect(await sumOf('bifrost_stream_first_token_latency_seconds_count', asker.key)).toBe(2)
  expect(await sumOf('litellm_llm_api_time_to_first_token_metric_count', asker.key)).toBe(2)
  expect(Object.keys(await linesOf('litellm_proxy_failed_requests_metric_total', asker.key))[0]).toContain(
    'exception_class="broken"',
  )
})

test('what nobody answers to is one series, whatever callers call it', async () => {
  const asker = await tenant()
  for (const model of ['a', 'b', 'c"\n']) await expect(ask(asker, model)).rejects.toMatchObject({ status: 404 })
  expect(Object.values(await linesOf('auterity_gateway_requests_total', asker.key))).toEqual([3])
  expect(await sumOf('bifrost_upstream_requests_total', asker.key)).toBe(0)
})

test('a key that is refused is down and a model that fails is left alone, until they are well again', async () => {
  const asker = await tenant()
  const own = asker.ctx.tenant
  first.next(json(401, { error: { message: 'No such key.' } }))
  await ask(asker)
  expect(Object.values(await linesOf('bifrost_provider_key_up', own))).toEqual([0])
  expect(await sumOf('bifrost_key_rotation_events_total', own)).toBe(1)
  const failing = Array.from({ length: 5 }, () => json(500, { error: { message: 'Down.' } }))
  second.next(...failing)
  for (const _ of failing) await expect(ask(asker)).rejects.toThrow()
  const states = await linesOf('litellm_deployment_state', own)
  expect(states).toEqual({ [Object.keys(states).find((one) => one.includes('gpt-5"')) ?? '']: 2 })
  expect(await sumOf('litellm_deployment_cooled_down_total', own)).toBe(1)
})

test('buckets add up, and their ends are in the unit of the name', async () => {
  const own = new GatewayFigures()
  const row = (totalMs: number, overheadMs: number): Accounted => ({ ...accounted, totalMs, overheadMs })
  for (const [total, overhead] of [
    [4, 0.3],
    [40, 0.5],
    [900_000, 2_000],
  ] as const)
    own.over(row(total, overhead), { name: 'Desk' } as never, {} as never)
  const buckets = await linesOf('bifrost_overhead_latency_microseconds_bucket', '', own)
  const at = (le: string) => Object.entries(buckets).find(([labels]) => labels.includes(`le="${le}"`))?.[1]
  expect([at('250'), at('500'), at('1000000'), at('+Inf')]).toEqual([0, 2, 2, 3])
  expect(await sumOf('bifrost_overhead_latency_microseconds_sum', '', own)).toBeCloseTo(2_000_800)
  const seconds = await linesOf('litellm_overhead_latency_metric_bucket', 'le="0.0005"', own)
  expect(Object.values(seconds)).toEqual([2])
  // what was spent waiting is the rest
  expect(await sumOf('litellm_llm_api_latency_metric_sum', '', own)).toBeCloseTo(900.044 - 2.0008, 6)
})

test('more series than there is room for are counted together', async () => {
  const own = new GatewayFigures()
  for (let n = 0; n < 600; n++) own.over({ ...accounted, alias: `a${n}` }, { name: null } as never, {} as never)
  expect(await sumOf('auterity_gateway_requests_total', '', own)).toBe(600)
  expect(await sumOf('auterity_gateway_requests_total', 'asked="other"', own)).toBe(100)
})

test('what the cache answers is counted as a request that cost nothing, and what it saved beside that', async () => {
  const own = new GatewayFigures()
  const by = { of: 'mrq_1', ageMs: 5, similarity: null } as const
  const price = { nano: 0, book: 'genai-prices 0.1.8' }
  const again = { ...accounted, attempts: [], price, saved: { cache: 337_500, promptCache: 0, routing: 0 } }
  const rows: Accounted[] = [
    { ...accounted, cache: { how: 'miss' } },
    { ...again, cache: { how: 'exact', ...by } },
    { ...again, cache: { how: 'semantic', ...by, similarity: 0.97 } },
  ]
  for (const row of rows) own.over(row, { name: 'Desk' } as never, {} as never)
  const total = async (name: string) => sumOf(name, 'tenant', own)
  expect(await total('auterity_gateway_requests_total')).toBe(3)
  expect(await total('auterity_gateway_cache_hits_total')).toBe(2)
  expect(await total('auterity_gateway_cache_similar_hits_total')).toBe(1)
  expect(await total('auterity_gateway_cache_misses_total')).toBe(1)
  expect(await total('auterity_gateway_cache_saved_usd_total')).toBeCloseTo(0.000675, 9)
  expect(await total('auterity_gateway_cost_usd_total')).toBeCloseTo(0.0003375, 9)
  expect(await sumOf('litellm_input_tokens_metric_total', 'model', own)).toBe(1000)
})
