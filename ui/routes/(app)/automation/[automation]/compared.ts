import type { Definition } from '#schemas/automation/definition.ts'
import { diff } from '#schemas/automation/diff.ts'
import type { Version } from '#schemas/automation/index.ts'
import { changesOver, together } from '#ui/lib/automation/compare.ts'
import { Editor } from '#ui/lib/automation/editor.svelte.ts'

type Side = Pick<Version, 'version' | 'number'>
/** Two versions in one drawing, to be looked at. */
export type Compared = { from: Side; to: Side; editor: Editor }

/** Draws what the one has and what the other has, with what differs marked. */
export function compare(from: Side & { document: Definition }, to: Side & { document: Definition }): Compared {
  const editor = new Editor(together(to.document, from.document), { readOnly: true })
  editor.overlay = changesOver(diff(from.document, to.document))
  return { from, to, editor }
}
