import type { CanvasNode, RunCanvas, Step } from '#schemas/runs.ts'
import type { TimelineStep } from './layout.ts'

const keyOf = ({ node, iteration }: Pick<CanvasNode, 'node' | 'iteration'>): string => `${node}#${iteration}`

/** The steps, with what the turns of loops are about, as far as the drawing of the run tells. */
export const withAbout = (
  steps: readonly Step[],
  canvas: Pick<RunCanvas, 'nodes'> | undefined,
): readonly TimelineStep[] => {
  const about = new Map(
    (canvas?.nodes ?? []).flatMap((one) => (one.about === null ? [] : [[keyOf(one), one.about] as const])),
  )
  return about.size === 0 ? steps : steps.map((step) => ({ ...step, about: about.get(keyOf(step)) }))
}
