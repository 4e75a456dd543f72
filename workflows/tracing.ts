import {
  AsyncLocalStorage,
  defaultPayloadConverter,
  getRandomStream,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow'
import { traceHeader, type WorkflowSpan } from '#temporal/names.ts'

/** W3C trace context, as the SDK's interceptors of client and activities write it into headers. */
type Carrier = { traceparent?: string }
type Headers = Parameters<NonNullable<NonNullable<WorkflowInterceptors['inbound']>[number]['execute']>>[0]['headers']

export interface TraceSinks extends Sinks {
  trace: { ended(span: WorkflowSpan): void }
}

const current = new AsyncLocalStorage<Carrier>()
const parts = /^(00-[0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/

/** From a stream of its own, so that tracing draws nothing from the randomness that workflows see. */
const spanId = (): string => {
  const stream = getRandomStream('auterity/tracing')
  const digits = Array.from({ length: 16 }, () => Math.floor(stream.random() * 16).toString(16)).join('')
  return /^0+$/.test(digits) ? digits.replace(/0$/, '1') : digits
}

/** Does `work` as a span of the trace that `headers` name; without one, which the history decides, just does it. */
const traced = async <T>(headers: Headers, name: string, work: () => Promise<T>): Promise<T> => {
  const payload = headers[traceHeader]
  const parent = payload === undefined ? undefined : defaultPayloadConverter.fromPayload<Carrier>(payload).traceparent
  const [, trace, flags] = parts.exec(parent ?? '') ?? []
  if (parent === undefined || trace === undefined || flags === undefined) return work()
  const span = `${trace}-${spanId()}-${flags}`
  const start = Date.now()
  let failed = true
  try {
    const result = await current.run({ traceparent: span }, work)
    failed = false
    return result
  } finally {
    proxySinks<TraceSinks>().trace.ended({ name, span, parent, start, end: Date.now(), failed })
  }
}

/**
 * Carries the trace of a start or an update on to the activities it leads to. Always part of the bundle: whether a run
 * is traced is said by its history, so a traced one replays where nobody traces, and the other way round. It is our own
 * because OpenTelemetry's SDK, loaded anew for each run, would be two thirds of the bundle again.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute: (input, next) => traced(input.headers, `RunWorkflow:${workflowInfo().workflowType}`, () => next(input)),
      handleUpdate: (input, next) => traced(input.headers, `HandleUpdate:${input.name}`, () => next(input)),
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const carrier = current.getStore()
        if (carrier === undefined) return next(input)
        return next({
          ...input,
          headers: { ...input.headers, [traceHeader]: defaultPayloadConverter.toPayload(carrier) },
        })
      },
    },
  ],
  internals: [
    {
      dispose: (input, next) => {
        current.disable()
        next(input)
      },
    },
  ],
})
