import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type HrTime,
  type Span as OtelSpan,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import { ApplicationFailure } from '@temporalio/common'
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry-v2'
import { isFault } from '#schemas/errors.ts'
import type { Attributes, EndedSpan, Span, Tracer, Warning } from './tracing.ts'

/** How long one portion may take to send, its retries included, in ms; also the longest that a stop waits. */
const sendTime = 3000

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
}

/** Passes spans on and says once that they do not arrive, until they do again. */
const tellingOnce = (exporter: SpanExporter, endpoint: string, log: Warning): SpanExporter => {
  let lost = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined
        if (failed && !lost) log.warn('traces do not arrive; they are dropped until they do', { endpoint })
        lost = failed
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
}

const spanOf = (span: OtelSpan): Span => ({
  set: (attributes) => void span.setAttributes(attributes),
  rename: (name) => void span.updateName(name),
  fail: (type) => void span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type),
})

/** A code of the table, else the name of the error; never its message, which may tell of people. */
const errorType = (error: unknown): string => {
  if (isFault(error)) return error.code
  if (error instanceof ApplicationFailure && error.type != null) return error.type
  return error instanceof Error ? error.name : typeof error
}

const spanContextOf = (traceparent: string) => {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
}

const readable = (span: EndedSpan, attributes: Attributes, resource: Resource): ReadableSpan => ({
  name: span.name,
  kind: kinds[span.kind],
  spanContext: () => spanContextOf(span.span),
  ...(span.parent === null ? {} : { parentSpanContext: spanContextOf(span.parent) }),
  startTime: millisToHrTime(span.start),
  endTime: millisToHrTime(span.end),
  duration: millisToHrTime(span.end - span.start),
  status: { code: span.failed === false ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
  attributes: known(typeof span.failed === 'string' ? { ...attributes, 'error.type': span.failed } : attributes),
  links: [],
  events: [],
  ended: true,
  resource,
  instrumentationScope: { name: 'auterity' },
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
})

const known = (attributes: Attributes): ReadableSpan['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))

const millisToHrTime = (ms: number): HrTime => [Math.floor(ms / 1000), (ms % 1000) * 1e6]

/** Spans go out in batches from a bounded queue, over OTLP/HTTP as JSON; what cannot be sent is dropped. */
export function createTracer(service: string, endpoint: string, log: Warning): Tracer {
  const resource = resourceFromAttributes({
    'service.name': `auterity-${service}`,
    'service.namespace': 'auterity',
    'service.instance.id': String(process.pid),
  })
  const exporter = new OTLPTraceExporter({ timeoutMillis: sendTime })
  const processor = new BatchSpanProcessor(tellingOnce(exporter, endpoint, log), { exportTimeoutMillis: sendTime })
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] })
  provider.register()
  const tracer = provider.getTracer('auterity')
  return {
    async span(name, { kind = 'internal', attributes = {}, parent }, work) {
      const from = parent == null ? context.active() : propagation.extract(context.active(), { traceparent: parent })
      return tracer.startActiveSpan(name, { kind: kinds[kind], attributes }, from, async (span) => {
        try {
          return await work(spanOf(span))
        } catch (error) {
          spanOf(span).fail(errorType(error))
          throw error
        } finally {
          span.end()
        }
      })
    },
    traceparent() {
      if (trace.getActiveSpan() === undefined) return undefined
      const carrier: { traceparent?: string } = {}
      propagation.inject(context.active(), carrier)
      return carrier.traceparent
    },
    annotate: (attributes) => void trace.getActiveSpan()?.setAttributes(attributes),
    record: (span, attributes) => processor.onEnd(readable(span, attributes, resource)),
    clientInterceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor({ tracer })] },
    stop: () => provider.shutdown(),
  }
}
