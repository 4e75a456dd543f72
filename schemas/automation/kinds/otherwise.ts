import type { CheckAbout } from '../kind.ts'
import type { Problem } from '../problem.ts'

/**
 * Told where nothing follows “Otherwise”, and runs that go that way end without saying what they came to. In a loop or a
 * block it only ends the turn, which is often what is meant.
 */
export const otherwiseProblems = ({ node, definition }: CheckAbout): Problem[] => {
  if (node.within !== undefined) return []
  if (definition.edges.some(({ from, port }) => from === node.id && port === 'else')) return []
  const ends = definition.nodes.filter(({ kind, within }) => kind === 'end' && within === undefined)
  const [end] = ends
  // where there is no end at all that is told, and mends this too
  if (!definition.nodes.some(({ kind }) => kind === 'end')) return []
  const fix = {
    title: 'Lead it to the end',
    apply: [{ do: 'add_edge' as const, edge: { from: node.id, port: 'else', to: end?.id ?? '' } }],
  }
  return [
    {
      code: 'way_unhandled',
      level: 'warning',
      node: node.id,
      message: 'Nothing follows “Otherwise”: a run that goes this way ends here and comes to nothing.',
      ...(ends.length === 1 ? { fix } : {}),
    },
  ]
}
