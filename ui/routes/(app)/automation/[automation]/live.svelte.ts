import { untrack } from 'svelte'
import type { Definition } from '#schemas/automation/definition.ts'
import { diff, type Difference } from '#schemas/automation/diff.ts'
import type { Automation, Version } from '#schemas/automation/index.ts'
import type { Editor } from '#ui/lib/automation/editor.svelte.ts'
import type { AutomationServer, Opened } from './calls.ts'

/** A hand that rests for so long (ms) is told whether its draft differs. */
const restMs = 150

type Around = { opened: Opened; editor: Editor; server: AutomationServer }

/** The version that is live, and whether the draft says something else. Made while a component is. */
export class Live {
  published = $state.raw<Automation['published']>(null)
  #document = $state.raw<Definition>()
  #differs = $state(false)

  constructor({ opened: { automation, definition }, editor, server }: Around) {
    this.published = automation.published
    this.#differs = automation.published !== null && automation.draft.changed
    // a draft that was not changed since is what is live
    let known = automation.draft.changed ? undefined : automation.published?.version
    if (known !== undefined) this.#document = definition
    $effect(() => {
      const version = this.published?.version
      if (version === undefined || version === known) return
      known = version
      const read = async () => {
        const found = await server.version(version)
        if (this.published?.version === version) this.#document = found
      }
      // where it cannot be had, what the server said when the page was opened stands
      read().catch(() => {})
    })
    $effect(() => {
      const [now, live] = [editor.definition, this.#document]
      const look = () => {
        if (live !== undefined) this.#differs = diff(live, now).some((one) => !isFirstPlace(one))
      }
      const timer = untrack(() => setTimeout(look, restMs))
      return () => clearTimeout(timer)
    })
  }

  /** Whether the draft differs from what is live. */
  get differs(): boolean {
    return this.#differs
  }

  /** In a few words: `version 2 is live · draft has changes`. */
  get said(): string {
    if (this.published === null) return 'never published'
    return `version ${this.published.number} is live${this.#differs ? ' · draft has changes' : ''}`
  }

  publish = (version: Version | Automation['published']): void => {
    if (version?.version !== this.published?.version) this.published = version
  }
}

/** Of what had no place it was computed where it stands: nobody moved it. */
const isFirstPlace = ({ change, fields }: Difference): boolean =>
  change === 'moved' && fields.every((field) => !('from' in field))
