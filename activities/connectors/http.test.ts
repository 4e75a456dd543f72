import { asyncLocalStorage as activity, type Context } from '@temporalio/activity'
import { expect, test, vi } from 'vitest'
import { traced, startTracing } from '#temporal/tracing.ts'
import { startCollector } from '#test/harness/collector.ts'
import { startSystem } from './fixture.ts'
import { request } from './http.ts'

const ask = (url: string, more: Partial<Parameters<typeof request>[0]> = {}) =>
  request({ system: 'The CRM', method: 'GET', url, ...more })

test.each([
  [429, 'connector_unavailable'],
  [408, 'connector_unavailable'],
  [500, 'connector_unavailable'],
  [503, 'connector_unavailable'],
  [400, 'connector_refused'],
  [401, 'connector_refused'],
  [404, 'connector_refused'],
  [409, 'connector_refused'],
])('%i is %s, in the words of the system', async (status, code) => {
  await using system = await startSystem({ status, body: '{"message":"It said so."}' })
  await expect(ask(system.url)).rejects.toMatchObject({
    code,
    message: `The CRM answered ${status}: It said so.`,
    extra: { status },
  })
})

test('a cut line, an address where nobody listens and a system that is silent are all away, not wrong', async () => {
  await using cutting = await startSystem('cut')
  await using silent = await startSystem('silence')
  const gone = await startSystem({ status: 200 })
  await gone[Symbol.asyncDispose]()
  for (const [url, timeoutMs] of [
    [cutting.url, 10_000],
    [gone.url, 10_000],
    [silent.url, 30],
  ] as const)
    await expect(ask(url, { timeoutMs })).rejects.toMatchObject({
      code: 'connector_unavailable',
      message: 'The CRM does not answer.',
    })
})

test.each([
  ['7', 7000],
  ['99999', 3_600_000],
  ['', undefined],
  ['0', undefined],
  [new Date(Date.now() + 90_000).toUTCString(), expect.closeTo(90_000, -4)],
])('Retry-After %j asks for a pause of %s ms', async (header, pause) => {
  await using system = await startSystem({ status: 429, headers: { 'retry-after': header } })
  const fault = await ask(system.url).catch((error: unknown) => error as { extra: Record<string, unknown> })
  expect((fault as { extra: Record<string, unknown> }).extra['retryAfterMs']).toEqual(pause)
})

test('an answer that is expected is given, one that is no JSON as text, an empty one as null', async () => {
  await using system = await startSystem({ status: 404, body: '<h1>gone</h1>' }, { status: 204 })
  expect(await ask(system.url, { expect: [404] })).toMatchObject({ status: 404, body: '<h1>gone</h1>' })
  expect(await ask(system.url)).toMatchObject({ status: 204, body: null })
})

test('the system is told the trace that its call belongs to, and nothing while nobody traces', async () => {
  await using collector = await startCollector()
  await using system = await startSystem({ status: 200 }, { status: 200 })
  await ask(system.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  const stop = await startTracing('test', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, { warn: () => {} })
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await traced('work', { parent }, () => ask(system.url))
  await stop()
  vi.unstubAllEnvs()
  const call = collector.spans.find((span) => span.name === 'GET')!
  expect(system.asked.map(({ headers }) => headers['traceparent'])).toEqual([
    undefined,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${call.spanId}-01`,
  ])
})

test('a call ends when the activity that makes it is told to stop', async () => {
  await using silent = await startSystem('silence')
  const stopping = new AbortController()
  const context = { cancellationSignal: stopping.signal } as Context
  const asked = activity.run(context, () => ask(silent.url))
  stopping.abort(new Error('WORKER_SHUTDOWN'))
  await expect(asked).rejects.toMatchObject({ code: 'connector_unavailable' })
})
