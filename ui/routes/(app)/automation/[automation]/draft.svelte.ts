import { onDestroy, untrack } from 'svelte'
import { merge, type Conflict } from '#schemas/automation/change.ts'
import type { Automation } from '#schemas/automation/index.ts'
import type { Editor } from '#ui/lib/automation/editor.svelte.ts'
import { saver, type Saver, type SaveState } from '#ui/lib/automation/save.ts'
import { explain } from '#ui/lib/explain.ts'
import { whenBack } from '#ui/lib/loaded.svelte.ts'
import { toasts } from '#ui/lib/parts/toasts.svelte.ts'
import type { AutomationServer, Opened } from './calls.ts'
import { followDraft } from './follow-draft.svelte.ts'

type Around = {
  opened: Opened
  editor: Editor
  server: AutomationServer
  /** Somebody has published: what is live now. */
  onpublished: (version: Automation['published']) => void
}

/** The draft that is edited: saved as it changes, and merged with what others save. Made while a component is. */
export class Draft {
  state = $state<SaveState>('saved')
  /** What two people changed at once, to be looked at. */
  conflicts = $state.raw<readonly Conflict[]>([])
  readonly saver: Saver

  constructor({ opened: { automation, definition, revision }, editor, server, onpublished }: Around) {
    this.saver = saver(
      { definition, revision },
      {
        send: (it, at) => server.save(it, at),
        merge,
        isTyped: (conflicts) => conflicts.some((one) => editor.isTypedIn(one)),
        later: (ms, act) => {
          const timer = setTimeout(act, ms)
          return () => clearTimeout(timer)
        },
        onstate: (state, error) => {
          this.state = state
          if (error === undefined) return
          const said = explain(error)
          toasts.bad(said.title, said.detail)
        },
        onmerged: (merged, by = 'Somebody else') => {
          editor.take(merged.definition)
          this.conflicts = [...this.conflicts, ...merged.conflicts]
          if (merged.conflicts.length === 0) editor.say(`${by} has changed the draft.`)
          else toasts.note(`${by} has changed this draft too.`, 'Look at what you both changed.')
        },
      },
    )
    followDraft(automation.id, this.saver, server, onpublished)
    $effect(() => {
      const now = editor.definition
      untrack(() => {
        if (!editor.readOnly) this.saver.changed(now, editor.isComputed)
      })
    })
    const stop = whenBack(() => void this.saver.flush())
    $effect(() => {
      const left = () => {
        editor.pause()
        this.saver.left()
      }
      document.addEventListener('focusout', left)
      return () => document.removeEventListener('focusout', left)
    })
    onDestroy(() => {
      stop()
      this.saver.left()
      void this.saver.flush()
    })
  }

  /** Who leaves the page before all is saved is asked. */
  onbeforeunload = (event: BeforeUnloadEvent): void => {
    if (this.saver.saved) return
    this.saver.left()
    void this.saver.flush()
    event.preventDefault()
  }
}
