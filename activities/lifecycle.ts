import type { Log } from '#activities/log.ts'

/**
 * Runs until asked to stop: SIGTERM, SIGINT, or the supervisor gone (its IPC channel closes). Gives a signal that
 * fires then. `ready` tells the supervisor that this process answers.
 */
export function lifecycle(log: Log): { stopping: AbortSignal; ready: (about?: Record<string, unknown>) => void } {
  const controller = new AbortController()
  const stop = (why: string) => {
    if (controller.signal.aborted) return
    log.info('stopping', { why })
    controller.abort()
  }
  process.once('SIGTERM', () => stop('SIGTERM'))
  process.once('SIGINT', () => stop('SIGINT'))
  if (process.connected) process.once('disconnect', () => stop('the supervisor is gone'))
  return {
    stopping: controller.signal,
    ready: (about = {}) => {
      log.info('ready', { pid: process.pid, ...about })
      if (process.connected) process.send?.({ ready: true, ...about })
    },
  }
}

/** Resolves when `signal` fires. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Sleeps `ms`, or less when `signal` fires. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
