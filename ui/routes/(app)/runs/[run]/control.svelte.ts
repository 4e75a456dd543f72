import type { Sent } from '#ui/lib/call.ts'
import { call } from '#ui/lib/call.ts'
import { explain } from '#ui/lib/explain.ts'
import { toasts } from '#ui/lib/parts/toasts.svelte.ts'

type Control = Sent<'POST /v1/runs/:run/control'>

/** Asks a run to do something, and says what came of it. */
export const controller = (run: string, onasked: () => void) => {
  let busy = $state<Control['do']>()
  return {
    get busy() {
      return busy
    },
    /** A refusal is said and not thrown. */
    async ask(control: Control, done: string): Promise<void> {
      busy = control.do
      try {
        await call('POST /v1/runs/:run/control', { run }, control)
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
