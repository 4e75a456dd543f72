import Archive from '@lucide/svelte/icons/archive'
import ArchiveRestore from '@lucide/svelte/icons/archive-restore'
import Copy from '@lucide/svelte/icons/copy'
import Download from '@lucide/svelte/icons/download'
import ListVideo from '@lucide/svelte/icons/list-video'
import Keyboard from '@lucide/svelte/icons/keyboard'
import Search from '@lucide/svelte/icons/search'
import type { Automation } from '#schemas/automation/index.ts'
import { exportText } from '#schemas/automation/document.ts'
import { goto } from '$app/navigation'
import type { Editor } from '#ui/lib/automation/editor.svelte.ts'
import { explain } from '#ui/lib/explain.ts'
import type { MenuItem } from '#ui/lib/parts/menu.ts'
import { saveText } from '#ui/lib/parts/save.ts'
import { toasts } from '#ui/lib/parts/toasts.svelte.ts'
import { to } from '#ui/lib/paths.ts'
import type { AutomationServer } from './calls.ts'

type Around = {
  server: AutomationServer
  automation: Automation
  editor: () => Editor
  mayWrite: boolean
  mayPublish: boolean
  find: () => void
  /** None where runs may not be read. */
  runs: (() => void) | undefined
  help: () => void
  reload: () => void
}

/** The acts on an automation as a whole. */
export const acts = ({
  server,
  automation,
  editor,
  mayWrite,
  mayPublish,
  find,
  runs,
  help,
  reload,
}: Around): (MenuItem | 'line')[] => {
  const attempt = (act: () => Promise<void>) => () => {
    act().catch((error: unknown) => toasts.bad(explain(error).title, explain(error).detail))
  }
  const duplicate = async () => {
    const copy = await server.duplicate()
    await goto(to.automation(copy.handle))
    toasts.good(`This is “${copy.name}”.`)
  }
  const archive = async () => {
    await server.archive()
    await goto(to.automations())
    toasts.good(`“${automation.name}” is archived.`, 'Runs that are under way go on.')
  }
  const restore = async () => {
    await server.restore()
    reload()
  }
  const archived = automation.archivedAt !== null
  return [
    { label: 'Find on the canvas', icon: Search, act: find },
    ...(runs === undefined ? [] : [{ label: 'Runs on the canvas', icon: ListVideo, act: runs }]),
    { label: 'Keys of the canvas', icon: Keyboard, act: help },
    'line',
    {
      label: 'Export as a file',
      icon: Download,
      act: () => saveText(`${automation.handle}.json`, exportText(editor().definition)),
    },
    ...(mayWrite ? [{ label: 'Duplicate', icon: Copy, act: attempt(duplicate) }] : []),
    ...(mayPublish && archived ? [{ label: 'Restore', icon: ArchiveRestore, act: attempt(restore) }] : []),
    ...(mayPublish && !archived ? [{ label: 'Archive', icon: Archive, danger: true, act: attempt(archive) }] : []),
  ]
}
