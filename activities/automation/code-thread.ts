import { parentPort } from 'node:worker_threads'
import {
  newQuickJSWASMModule,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from 'quickjs-emscripten'
import { mostLines, mostOutput, type CodeJob, type CodeResult } from './code-job.ts'

const file = 'code.js'
const longestLine = 500

/**
 * What the code finds besides the language: a console that writes texts. `write` is all it can reach of us, and it
 * takes a text; the rest of this script is captured before the code could change it.
 */
const prelude = `((write) => {
  const { stringify, parse } = JSON
  const show = (one) => {
    if (typeof one === 'string') return one
    try { return stringify(one) ?? String(one) } catch { return String(one) }
  }
  const log = (...all) => write(all.map(show).join(' '))
  globalThis.console = { log, info: log, debug: log, warn: log, error: log }
  const told = (error) => {
    try {
      const named = typeof error === 'object' && error !== null && typeof error.message === 'string'
      return stringify({
        name: named ? String(error.name ?? 'Error') : '',
        message: named ? error.message : show(error),
        stack: named ? String(error.stack ?? '') : '',
      })
    } catch { return '{"name":"","message":"It threw something that cannot be told.","stack":""}' }
  }
  return { parse, stringify: (value) => stringify(value) ?? 'null', told }
})`

type Told = { name: string; message: string; stack: string }

/** A whole engine for one job alone: nothing of one piece of code is left where the next one runs. */
const runIn = (quickjs: QuickJSWASMModule, job: CodeJob): CodeResult => {
  const lines: string[] = []
  const deadline = performance.now() + job.timeMs
  let late = false
  const runtime = quickjs.newRuntime({
    memoryLimitBytes: job.memoryMb * 1024 * 1024,
    interruptHandler: () => (late ||= performance.now() > deadline),
  })
  const context = runtime.newContext()
  const failed = (why: 'failed' | 'time' | 'memory', message: string, line: number | null = null): CodeResult => ({
    ok: false,
    why,
    message,
    line,
    lines,
  })
  const tooLong = () => failed('time', `The code took longer than ${job.timeMs} ms.`)
  try {
    const own = captured(context, (line) => {
      if (lines.push(line.slice(0, longestLine)) > mostLines) lines.shift()
    })
    const told = (error: QuickJSHandle): CodeResult => {
      if (late) return tooLong()
      const said = tell(context, own.told, error)
      if (said === null || (said.name === 'InternalError' && said.message === 'out of memory'))
        return failed('memory', `The code took more than ${job.memoryMb} MB of memory.`)
      const line = lineOf(said.stack)
      const name = said.name === '' || said.name === 'Error' ? '' : `${said.name}: `
      return failed('failed', `${name}${said.message}`.slice(0, 2000), line)
    }
    const made = context.evalCode(`(async (input) => {${job.source}\n})`, file, { strict: true })
    if (made.error !== undefined) return told(made.error)
    const input = context.callFunction(own.parse, context.undefined, context.newString(job.input))
    if (input.error !== undefined) return told(input.error)
    const begun = context.callFunction(made.value, context.undefined, input.value)
    if (begun.error !== undefined) return told(begun.error)
    const settled = settle(context, runtime, begun.value)
    if (settled === 'never')
      return late ? tooLong() : failed('failed', 'The code waits for something that never comes.')
    if ('error' in settled) return told(settled.error)
    const output = context.callFunction(own.stringify, context.undefined, settled.value)
    if (output.error !== undefined) return told(output.error)
    const length = context.getNumber(context.getProp(output.value, 'length'))
    if (length > mostOutput) return failed('failed', `The output has ${length} characters; ${mostOutput} are the most.`)
    return { ok: true, output: context.getString(output.value), lines }
  } catch (error) {
    // the engine itself gave up: what it had in hand is gone with it
    if (late) return tooLong()
    return failed('failed', `The engine gave up: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const captured = (context: QuickJSContext, write: (line: string) => void) => {
  const writer = context.newFunction('write', (line) => write(context.getString(line)))
  const own = context.unwrapResult(
    context.callFunction(context.unwrapResult(context.evalCode(prelude)), context.undefined, writer),
  )
  return {
    parse: context.getProp(own, 'parse'),
    stringify: context.getProp(own, 'stringify'),
    told: context.getProp(own, 'told'),
  }
}

/** What was thrown, or null where not even that could be told. */
const tell = (context: QuickJSContext, told: QuickJSHandle, error: QuickJSHandle): Told | null => {
  const said = context.callFunction(told, context.undefined, error)
  return said.error === undefined ? (JSON.parse(context.getString(said.value)) as Told) : null
}

/** Works off what the code awaits; with no clock and no network, what is open then stays open for ever. */
const settle = (
  context: QuickJSContext,
  runtime: QuickJSRuntime,
  promise: QuickJSHandle,
): { value: QuickJSHandle } | { error: QuickJSHandle } | 'never' => {
  const done = runtime.executePendingJobs()
  const state = context.getPromiseState(promise)
  if (state.type === 'fulfilled') return { value: state.value }
  if (state.type === 'rejected') return { error: state.error }
  return done.error === undefined ? 'never' : { error: done.error }
}

const lineOf = (stack: string): number | null => {
  const line = /code\.js:(\d+)/.exec(stack)?.[1]
  return line === undefined ? null : Number(line)
}

let next = newQuickJSWASMModule()
const take = async (job: CodeJob): Promise<void> => {
  const quickjs = await next
  parentPort?.postMessage('begun')
  parentPort?.postMessage(runIn(quickjs, job))
  next = newQuickJSWASMModule()
}
parentPort?.on('message', (job: CodeJob) => void take(job))
