import type { ControlAct } from '#schemas/runs-control.ts'
import { call, type Sent } from '#ui/lib/call.ts'
import { explain } from '#ui/lib/explain.ts'
import { toasts } from '#ui/lib/parts/toasts.svelte.ts'

/** Asks a run to do something, and says what came of it. */
export const controller = (run: () => string, onasked: () => void) => {
  let busy = $state<ControlAct>()
  return {
    get busy() {
      return busy
    },
    /** A refusal is said and not thrown. */
    async ask<Act extends ControlAct>(act: Act, sent: Sent<`POST /v1/runs/:run/${Act}`>, done: string): Promise<void> {
      busy = act
      try {
        await call(`POST /v1/runs/:run/${act}` as const, { run: run() } as never, sent)
        toasts.good(done)
        onasked()
      } catch (error) {
        const { title, detail } = explain(error)
        toasts.bad(title, detail)
      } finally {
        busy = undefined
      }
    },
  }
}
