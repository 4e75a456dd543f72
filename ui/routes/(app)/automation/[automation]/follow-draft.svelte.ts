import { untrack } from 'svelte'
import type { Automation } from '#schemas/automation/index.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Saver } from '#ui/lib/automation/save.ts'
import { LiveRows } from '#ui/lib/live/feed.svelte.ts'
import type { AutomationServer } from './calls.ts'

/** Takes in what others save, as the live line tells of it. Made while a component is. */
export function followDraft(automation: string, drafts: Saver, server: AutomationServer): void {
  const live = new LiveRows<LiveRow & Automation>(`automation:${automation}`, () => 0)
  const look = async () => {
    const { definition, revision, automation: now } = await server.open(new AbortController().signal)
    return { definition, revision, by: now.draft.by.name }
  }
  $effect(() => {
    const revision = live.rows[0]?.draft.revision
    if (revision === undefined) return
    untrack(() => {
      // what could not be looked at now comes with the next word, or with the next save
      drafts.heard(revision, look).catch(() => {})
    })
  })
}
