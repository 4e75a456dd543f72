import { Worker } from 'node:worker_threads'
import type { Made } from '#schemas/gateway/classifier/made.ts'

/**
 * Trains a classifier with outcomes as CSV, in a thread of its own: it takes seconds of a processor, which nobody else may wait for.
 * Rejects with why it could not be made, or with the reason of `signal` where it is given up.
 */
export const trainInThread = (outcomes: string, signal: AbortSignal): Promise<Made> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const options = { env: {}, execArgv: [], name: 'training', workerData: outcomes }
    const thread = new Worker(new URL('./training-thread.ts', import.meta.url), options)
    const stop = () => void thread.terminate()
    signal.addEventListener('abort', stop, { once: true })
    thread.on('message', (made: Made) => resolve(made))
    thread.on('error', reject)
    thread.on('exit', () => {
      signal.removeEventListener('abort', stop)
      // one that has answered is not undone by this
      reject(signal.aborted ? (signal.reason as Error) : new Error('The training ended without a result.'))
    })
  })
