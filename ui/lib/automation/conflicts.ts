import type { Conflict } from '#schemas/automation/change.ts'
import { titleOf, type Definition, type Node } from '#schemas/automation/definition.ts'
import { isObject } from '#schemas/automation/json.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { counted } from '../parts/count.ts'
import { inShort } from './summary.ts'

const isNode = (value: unknown): value is Node =>
  isObject(value) && typeof value['id'] === 'string' && typeof value['kind'] === 'string'

/** Which field two people changed at once: `“Read”, Address`, `the automation, Name`. */
export function fieldInConflict({ node, path }: Conflict, definition: Definition): string {
  const of = node === null ? undefined : definition.nodes.find((one) => one.id === node)
  const name = node === null ? 'the automation' : `“${of === undefined ? node : titleOf(of)}”`
  const [first, second] = path.split('/').slice(1)
  if (first === undefined || first === '') return name
  const field = first === 'with' ? second : first
  const title = first === 'with' ? kinds[of?.kind ?? '']?.form.properties?.[second ?? '']?.title : undefined
  return `${name}, ${title ?? (field === undefined ? 'what it is told' : (words[field] ?? field))}`
}

const words: Record<string, string> = { at: 'where it stands', undo: 'how it is undone', pin: 'pinned output' }

/** What one of them wrote, in a few words; of a whole step only that it is there or gone. */
export function sideInShort(value: unknown): string {
  if (value === undefined) return 'taken away'
  if (isNode(value)) return 'kept and changed'
  if (isObject(value) && !('cel' in value) && !('text' in value)) return counted(Object.keys(value).length, 'field')
  return inShort(value) || (value === '' ? 'empty' : JSON.stringify(value))
}
