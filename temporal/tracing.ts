import type { ClientInterceptors } from '@temporalio/client'
import type { PlatformEnv } from '#schemas/config.ts'
import { randomBytes } from 'node:crypto'
import type { WorkflowSpan } from './names.ts'

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** A span in the making; names and attributes follow OpenTelemetry's semantic conventions. */
export type Span = {
  set(attributes: Attributes): void
  rename(name: string): void
  /** The work did not do what was asked, though it may have answered. `type` is a code or a status, never a message. */
  fail(type: string): void
}

export type SpanOptions = {
  kind?: 'internal' | 'server' | 'client' | 'consumer'
  attributes?: Attributes
  /** W3C `traceparent` of what caused this; without it the span of the current work. */
  parent?: string | null | undefined
}

/**
 * A span that is over, by what was measured of it: `span` and `parent` as W3C `traceparent`, times in ms since 1970. `failed`
 * is what kind of failure it was, by a code or a status.
 */
export type EndedSpan = Omit<WorkflowSpan, 'parent' | 'failed'> & {
  kind: 'internal' | 'client'
  parent: string | null
  failed: string | boolean
}

/** What a process that traces has; made by `tracing-otlp.ts`. */
export type Tracer = {
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  traceparent(): string | undefined
  annotate(attributes: Attributes): void
  record(span: EndedSpan, attributes: Attributes): void
  clientInterceptors: ClientInterceptors
  stop(): Promise<void>
}

/** The log, of which only warnings are needed. */
export type Warning = { warn(message: string, fields: Record<string, unknown>): void }

let tracer: Tracer | undefined

/**
 * Begins to trace this process when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; without it nothing is loaded, and all that
 * is below costs a function call. The exporter reads OpenTelemetry's other variables (headers, timeout) itself.
 * Gives what sends the spans still held and ends tracing.
 */
export async function startTracing(
  service: string,
  env: Pick<PlatformEnv, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
  log: Warning,
): Promise<() => Promise<void>> {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return async () => {}
  const { createTracer } = await import('./tracing-otlp.ts')
  const started = createTracer(service, endpoint, log)
  tracer = started
  return async () => {
    tracer = undefined
    await started.stop()
  }
}

const silent: Span = { set: () => {}, rename: () => {}, fail: () => {} }

/** Does `work` inside a span of this name; what it throws marks the span failed and is thrown on. */
export const traced = <T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> =>
  tracer === undefined ? work(silent) : tracer.span(name, options, work)

/** The W3C `traceparent` of the work at hand, to be kept with what is done later. */
export const traceparent = (): string | null => tracer?.traceparent() ?? null

/** `traceparent` as a header for the systems we call. */
export const traceHeaders = (): Record<string, string> => {
  const parent = traceparent()
  return parent === null ? {} : { traceparent: parent }
}

/** Adds to the span of the work at hand. */
export const annotate = (attributes: Attributes): void => tracer?.annotate(attributes)

/** Takes a span that workflow code has ended. */
export const recordWorkflowSpan = (span: WorkflowSpan, attributes: Attributes): void =>
  tracer?.record({ kind: 'internal', ...span }, attributes)

/** Whether spans go anywhere: what costs something to tell is worked out only then. */
export const isTraced = (): boolean => tracer !== undefined

/** Takes a span that was measured and not run inside `traced`. */
export const recordSpan = (span: EndedSpan, attributes: Attributes): void => tracer?.record(span, attributes)

const traceparentShape = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** A `traceparent` of a new span below `parent`; what is none begins a trace of its own. */
export function childOf(parent: string | null): { span: string; parent: string | null } {
  const id = randomBytes(8).toString('hex')
  if (parent === null || !traceparentShape.test(parent))
    return { span: `00-${randomBytes(16).toString('hex')}-${id}-01`, parent: null }
  return { span: `${parent.slice(0, 36)}${id}${parent.slice(52)}`, parent }
}

/** What the Temporal client of this process is made with, so that starts and updates carry their trace. */
export const tracingInterceptors = (): ClientInterceptors => tracer?.clientInterceptors ?? {}
