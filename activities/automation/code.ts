import { asyncLocalStorage as activity } from '@temporalio/activity'
import type { Call } from '#schemas/automation/call.ts'
import type { Json } from '#schemas/automation/json.ts'
import { Fault, type ErrorCode } from '#schemas/errors.ts'
import type { CodeResult } from './code-job.ts'
import type { RunCode } from './code-pool.ts'

export type CodeCall = Call<{ source: string; input: Json; memoryMb: number; timeMs: number }>

const codes = { failed: 'code_failed', time: 'code_timed_out', memory: 'code_out_of_memory' } as const satisfies Record<
  Extract<CodeResult, { ok: false }>['why'],
  ErrorCode
>

export const codeActivities = ({ runCode }: { runCode: RunCode }) => ({
  /**
   * Runs JavaScript that a user wrote. What it writes to its console shows beside the try while it is looked at, and in
   * the details of a failure; it is no part of the output.
   */
  async 'code.run'({ source, input, memoryMb, timeMs }: CodeCall): Promise<Json> {
    const at = activity.getStore()
    // Temporal looks at limits now and then, and one of some milliseconds is over before it does
    const limitMs =
      at === undefined || at.info.scheduleToCloseTimeoutMs <= 0 ? Infinity : at.info.scheduleToCloseTimeoutMs
    const begun = performance.now()
    const job = { source, input: JSON.stringify(input ?? {}), memoryMb, timeMs: Math.min(timeMs, limitMs) }
    const result = await runCode(job, at?.cancellationSignal)
    if (performance.now() - begun > limitMs || (limitMs < timeMs && !result.ok && result.why === 'time'))
      throw new Fault('timed_out', `The code took longer than the step’s time limit of ${limitMs} ms.`)
    if (result.lines.length > 0) at?.heartbeat({ lines: result.lines })
    if (result.ok) return JSON.parse(result.output) as Json
    const { why, message, line, lines } = result
    throw new Fault(codes[why], line === null ? message : `${message} (line ${line})`, { line, lines })
  },
})
