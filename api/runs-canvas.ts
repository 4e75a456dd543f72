import type { Walked } from '#activities/runs/walk.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { loopsAround } from '#schemas/automation/turns.ts'
import type { CanvasNode, RunCanvas } from '#schemas/runs.ts'

/** What the canvas shows of a run: each node in each of its turns, as it was last heard of. */
export function canvasOf({ run, definition, traced }: Walked): RunCanvas {
  const nodes = new Map<string, CanvasNode>()
  const loops = innermostLoops(definition)
  for (const { node, iteration, at, state, ports, output, failing } of traced.trace.changes) {
    const key = `${node}#${iteration}`
    const time = new Date(at).toISOString()
    const before = nodes.get(key)
    // one that is passed over goes on like one that gave nothing
    const skippedBy = state === 'completed' ? (traced.skips.get(key) ?? null) : null
    nodes.set(key, {
      node,
      iteration,
      about: traced.turns.get(`${loops.get(node) ?? ''}#${iteration}`) ?? null,
      state: skippedBy === null ? state : 'skipped',
      skippedBy,
      startedAt: before?.startedAt ?? (state === 'skipped' || state === 'disabled' ? null : time),
      endedAt: state === 'running' || state === 'waiting' ? null : time,
      ports: [...(ports ?? [])],
      output: output ?? null,
      failure:
        failing === undefined
          ? null
          : {
              code: failing.code,
              message: failing.message,
              ...(failing.said === undefined ? {} : { said: failing.said }),
            },
    })
  }
  return {
    automation: run.automation,
    version: run.version,
    versionNumber: run.number,
    definition,
    nodes: [...nodes.values()],
    variables: traced.vars,
    paused: traced.paused,
  }
}

/** The loop that each node stands in most closely, by the id of the node. */
const innermostLoops = (definition: Definition): Map<string, string> =>
  new Map(
    definition.nodes.flatMap(({ id }) => {
      const loop = loopsAround(definition, id).at(-1)
      return loop === undefined ? [] : [[id, loop.id]]
    }),
  )
