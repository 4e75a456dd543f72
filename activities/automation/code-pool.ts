import { Worker } from 'node:worker_threads'
import type { CodeJob, CodeResult } from './code-job.ts'

/** Runs code of users, each piece in an engine of its own. */
export type RunCode = (job: CodeJob, signal?: AbortSignal) => Promise<CodeResult>

/** How long the thread has, beyond the time of its code, to answer; then it is ended from outside. */
const graceMs = 1000

type Waiting = {
  job: CodeJob
  signal: AbortSignal | undefined
  done: (result: CodeResult) => void
  fail: (why: unknown) => void
}

/**
 * Threads for code: they start when first needed, do one job at a time, and are ended where a job overruns or is given
 * up. They keep nobody's process alive.
 */
export function codePool(size = 2): { run: RunCode; close(): Promise<void> } {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const queue: Waiting[] = []

  const start = (): Worker => {
    const worker = new Worker(new URL('./code-thread.ts', import.meta.url), { env: {}, execArgv: [], name: 'code' })
    all.add(worker)
    return worker
  }
  const end = (worker: Worker): Promise<unknown> => {
    all.delete(worker)
    return worker.terminate()
  }

  const next = (): void => {
    const waiting = queue.shift()
    if (waiting === undefined) return
    const worker = idle.pop() ?? (all.size < size ? start() : undefined)
    if (worker === undefined) return void queue.unshift(waiting)
    work(worker, waiting)
  }

  const work = (worker: Worker, { job, signal, done, fail }: Waiting): void => {
    let timer: NodeJS.Timeout | undefined
    const over = (ended: boolean, tell: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      worker.removeAllListeners('message').removeAllListeners('error')
      worker.unref()
      if (ended) void end(worker)
      else idle.push(worker)
      tell()
      next()
    }
    const stop = () => over(true, () => fail(signal?.reason))
    const overrun = () =>
      over(true, () =>
        done({ ok: false, why: 'time', message: `The code took longer than ${job.timeMs} ms.`, line: null, lines: [] }),
      )
    worker.ref()
    worker.on('message', (said: 'begun' | CodeResult) => {
      if (said === 'begun') timer = setTimeout(overrun, job.timeMs + graceMs)
      else over(false, () => done(said))
    })
    worker.on('error', (error) => over(true, () => fail(error)))
    signal?.addEventListener('abort', stop, { once: true })
    worker.postMessage(job)
  }

  return {
    run: (job, signal) =>
      new Promise((done, fail) => {
        signal?.throwIfAborted()
        queue.push({ job, signal, done, fail })
        next()
      }),
    close: async () => {
      await Promise.all([...all].map(end))
    },
  }
}
