import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { defaultPayloadConverter } from '@temporalio/common'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Approval } from '#schemas/approvals.ts'
import type { Receipt } from '#schemas/ingress.ts'
import { connectTemporal } from '#temporal/client.ts'
import { dataConverter } from '#temporal/converter.ts'
import { readWholeHistory, type HistoryEvent } from '#temporal/history.ts'
import { traceHeader } from '#temporal/names.ts'
import { makeLead } from '#workers/sandbox/leads.ts'
import { startCollector, type Collected, type Collector } from './harness/collector.ts'
import { testKey } from './harness/database.ts'
import { deliver } from './harness/hooks.ts'
import { freePort, startPlatform, type Platform } from './harness/platform.ts'
import { until } from './harness/until.ts'

let collector: Collector
let platform: Platform
const lead = makeLead('tracing-1')
const caller = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' }
let receipt: Receipt
let history: HistoryEvent[]

const end = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

beforeAll(async () => {
  collector = await startCollector()
  platform = await startPlatform({ processes: [], env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  const parts = await Promise.all(
    (['sandbox', 'worker', 'projector', 'api'] as const).map((name) => platform.start(name)),
  )
  const { body } = await deliver(platform.hook, 'msg_traced', lead.xml, {
    traceparent: `00-${caller.trace}-${caller.span}-01`,
  })
  const resolve = (status: Receipt['status']) =>
    until(`the receipt is ${status}`, async () => {
      const found = await platform.get<Receipt>(`/v1/receipts/${body.receipt}`)
      return found.status === status && found
    })
  const { run } = await resolve('waiting')
  const { items } = await platform.get<{ items: Approval[] }>(`/v1/approvals?run=${run}`)
  await platform.post(`/v1/approvals/${items[0]!.approval}/decide`, { decision: 'approve' })
  receipt = await resolve('completed')
  const client = connectTemporal({ address: platform.temporalAddress, namespace: platform.namespace, keys: [testKey] })
  history = await readWholeHistory(client, run!)
  await client.connection.close()
  // what a process holds back goes out when it is asked to stop
  await Promise.all(parts.map(end))
})
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

const find = (name: string, service: string): Collected => {
  const found = collector.spans.filter((span) => span.name === name && span.service === service)
  expect(found.map((span) => span.name)).toEqual([name])
  return found[0]!
}
const childrenOf = (parent: Collected) => collector.spans.filter((span) => span.parentSpanId === parent.spanId)

test("one trace runs from the sender's call through the workflow to each activity and what it calls", () => {
  const hook = find('POST /hooks/:tenant/:source', 'auterity-api')
  expect(hook).toMatchObject({
    traceId: caller.trace,
    parentSpanId: caller.span,
    kind: 2,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/hooks/:tenant/:source',
      'http.response.status_code': 202,
      'auterity.receipt': receipt.receipt,
      'auterity.tenant': platform.ctx.tenant,
    },
  })
  const ids = { 'auterity.run': receipt.run, 'auterity.tenant': platform.ctx.tenant }
  const start = find('start run', 'auterity-projector')
  const client = find('StartWorkflow:automation', 'auterity-projector')
  const workflow = find('RunWorkflow:automation', 'auterity-worker')
  expect(start).toMatchObject({ traceId: caller.trace, parentSpanId: hook.spanId, attributes: ids })
  expect(client).toMatchObject({ traceId: caller.trace, parentSpanId: start.spanId })
  expect(workflow).toMatchObject({ traceId: caller.trace, parentSpanId: client.spanId, attributes: ids })

  const activities = childrenOf(workflow)
  expect(activities.map((span) => span.name)).toEqual([
    'RunActivity:leads.read',
    'RunActivity:crm.match_customer',
    'RunActivity:ai.answer',
    'RunActivity:dms.check_stock',
    'RunActivity:crm.record_lead',
    'RunActivity:openApproval',
    'RunActivity:mail.send_reply',
    'RunActivity:crm.close_lead',
  ])
  for (const span of activities) expect(span).toMatchObject({ traceId: caller.trace, attributes: ids })
  const outgoing = childrenOf(activities.find((span) => span.name === 'RunActivity:mail.send_reply')!)
  const { port } = new URL(platform.sandboxUrl)
  expect(outgoing).toMatchObject([
    { name: 'POST', kind: 3, attributes: { 'server.port': Number(port), 'http.response.status_code': 200 } },
  ])
  const asked = childrenOf(activities.find((span) => span.name === 'RunActivity:ai.answer')!)
  const by = {
    'gen_ai.provider.name': 'sandbox',
    'gen_ai.response.model': 'sandbox-lead-1',
    'auterity.run': receipt.run,
  }
  expect(asked).toMatchObject([{ name: 'chat default', kind: 3, traceId: caller.trace, attributes: by }])
})

test('a decision belongs to the trace of the request that made it', () => {
  const request = find('POST /v1/approvals/:approval/decide', 'auterity-api')
  const update = find('HandleUpdate:decide', 'auterity-worker')
  expect(update.traceId).toBe(request.traceId)
  expect(childrenOf(update).map((span) => span.name)).toEqual(['RunActivity:recordDecision'])
})

test('spans carry ids, and nothing of what the customer wrote', () => {
  const said = JSON.stringify(collector.spans)
  const { customer } = lead.json as unknown as { customer: { email?: string; phone?: string; lastName?: string } }
  const personal = [customer.email, customer.phone, customer.lastName].filter((one) => one !== undefined)
  expect(personal.length).toBeGreaterThan(0)
  for (const one of personal) expect(said).not.toContain(one)
})

test('a history replays the same with and without the trace it was recorded with', async () => {
  const code = await readFile(process.env['AUTERITY_WORKFLOW_BUNDLE']!, 'utf8')
  const started = history[0]!.workflowExecutionStartedEventAttributes!
  expect(Object.keys(started.header?.fields ?? {})).toContain(traceHeader)
  const replay = (events: HistoryEvent[]) =>
    Worker.runReplayHistory(
      { workflowBundle: { code }, dataConverter: dataConverter([testKey]) },
      { events },
      receipt.run!,
    )
  const withHeader = (fields: NonNullable<typeof started.header>['fields']): HistoryEvent[] => [
    { ...history[0]!, workflowExecutionStartedEventAttributes: { ...started, header: { fields: fields ?? {} } } },
    ...history.slice(1),
  ]
  await replay(history)
  await replay(withHeader({}))
  const other = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
  await replay(withHeader({ [traceHeader]: defaultPayloadConverter.toPayload(other) }))
  await replay(withHeader({ [traceHeader]: defaultPayloadConverter.toPayload({ traceparent: 'nonsense' }) }))
})

test('a collector that is away is said once and holds nothing up', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const away = await platform.start('api', { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '20' })
  const log = text(away.stdout!)
  const { status } = await fetch(`${platform.url}/healthz`)
  expect(status).toBe(200)
  for (let i = 0; i < 20; i++) await fetch(`${platform.url}/healthz`)
  await end(away)
  const warnings = (await log).split('\n').filter((line) => line.includes('traces do not arrive'))
  expect(warnings).toHaveLength(1)
  expect(JSON.parse(warnings[0]!)).toMatchObject({ level: 'warn', endpoint: url })
})
