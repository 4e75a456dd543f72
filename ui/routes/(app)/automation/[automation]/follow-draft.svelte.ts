import { untrack } from 'svelte'
import type { Automation } from '#schemas/automation/index.ts'
import type { LiveRow } from '#schemas/live.ts'
import type { Saver } from '#ui/lib/automation/save.ts'
import { LiveRows } from '#ui/lib/live/feed.svelte.ts'
import type { AutomationServer } from './calls.ts'

/** Takes in what others save, as the live line tells of it, and tells what they publish. Made while a component is. */
export function followDraft(
  automation: string,
  drafts: Saver,
  server: AutomationServer,
  onpublished: (version: Automation['published']) => void,
): void {
  const live = new LiveRows<LiveRow & Automation>(`automation:${automation}`, () => 0)
  const look = async () => {
    const { definition, revision, automation: now } = await server.open(new AbortController().signal)
    return { definition, revision, by: now.draft.by.name }
  }
  $effect(() => {
    const row = live.rows[0]
    if (row === undefined) return
    const { revision } = row.draft
    untrack(() => {
      onpublished(row.published)
      // what could not be looked at now comes with the next word, or with the next save
      drafts.heard(revision, look).catch(() => {})
    })
  })
}
