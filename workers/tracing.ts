import type { Context } from '@temporalio/activity'
import { defaultPayloadConverter } from '@temporalio/common'
import type { ActivityInboundCallsInterceptor, InjectedSinks } from '@temporalio/worker'
import { traceHeader } from '#temporal/names.ts'
import { recordWorkflowSpan, traced } from '#temporal/tracing.ts'
import type { TraceSinks } from '#workflows/tracing.ts'

/** Each try of an activity as a span of the trace that its workflow carries. */
export const traceActivity = ({ info }: Context): ActivityInboundCallsInterceptor => ({
  execute: (input, next) => {
    const payload = input.headers[traceHeader]
    const parent =
      payload === undefined ? null : defaultPayloadConverter.fromPayload<{ traceparent?: string }>(payload).traceparent
    const [scope] = input.args as [{ tenant?: string }?]
    const attributes = {
      'auterity.run': info.workflowExecution?.workflowId,
      'auterity.tenant': scope?.tenant,
      'temporal.activity.id': info.activityId,
      'temporal.activity.attempt': info.attempt,
      'temporal.task_queue': info.taskQueue,
    }
    return traced(`RunActivity:${info.activityType}`, { attributes, parent }, () => next(input))
  },
})

/** Takes the spans that workflow code has ended; where nobody traces they go nowhere. */
export const traceSinks: InjectedSinks<TraceSinks> = {
  trace: {
    ended: {
      fn: ({ workflowId, priority }, span) =>
        recordWorkflowSpan(span, { 'auterity.run': workflowId, 'auterity.tenant': priority?.fairnessKey }),
    },
  },
}
