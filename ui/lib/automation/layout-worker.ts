import type { Definition } from '#schemas/automation/definition.ts'
import type { Point } from './shape.ts'

/** Lays a document out in a thread of its own, so that the screen stays quick. */
export const layoutApart = (definition: Definition): Promise<Record<string, Point>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('layout.worker.ts', import.meta.url), { type: 'module' })
    const end = () => worker.terminate()
    worker.addEventListener('message', ({ data }: MessageEvent<Record<string, Point>>) => {
      end()
      resolve(data)
    })
    worker.addEventListener('error', (event) => {
      end()
      reject(new Error(event.message))
    })
    worker.postMessage(definition)
  })
