import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean }
type OtlpSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  status?: { code?: number }
  attributes: { key: string; value: Value }[]
}
type Portion = {
  resourceSpans: { resource: { attributes: OtlpSpan['attributes'] }; scopeSpans: { spans: OtlpSpan[] }[] }[]
}

export type Collected = Omit<OtlpSpan, 'attributes'> & { service: string; attributes: Record<string, unknown> }
export type Collector = AsyncDisposable & {
  url: string
  spans: Collected[]
  /** How they came. */
  calls: { path: string; headers: IncomingHttpHeaders }[]
}

const plain = (attributes: OtlpSpan['attributes']): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  )

/** Receives traces over OTLP/HTTP as JSON (opentelemetry.io, "OTLP Specification") and keeps them. */
export async function startCollector(): Promise<Collector> {
  const spans: Collected[] = []
  const calls: Collector['calls'] = []
  const server = createServer((request, response) => {
    calls.push({ path: request.url ?? '', headers: request.headers })
    const taken = json(request).then((body) => {
      for (const { resource, scopeSpans } of (body as Portion).resourceSpans)
        for (const span of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({
            ...span,
            service: String(plain(resource.attributes)['service.name']),
            attributes: plain(span.attributes),
          })
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    taken.catch(() => response.writeHead(400).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
