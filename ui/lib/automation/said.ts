import { titleOf, type Definition } from '#schemas/automation/definition.ts'
import { counted } from '#ui/lib/parts/count.ts'
import type { Act } from './acts.ts'

/** More steps than these are counted, and not named one by one. */
const mostNamed = 3

/** What a screen reader is told of an act, by the document after it. */
export function saidOf({ title, ids }: Pick<Act, 'title' | 'ids'>, { nodes }: Definition): string {
  if (ids === undefined) return title
  if (ids.length > mostNamed) return `${title}: ${counted(ids.length, 'step')}`
  const named = ids.map((id) => {
    const node = nodes.find((one) => one.id === id)
    return node === undefined ? id : titleOf(node)
  })
  return `${title}: ${named.join(', ')}`
}
