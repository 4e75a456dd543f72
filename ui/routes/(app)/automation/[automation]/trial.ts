import type { Definition, Node } from '#schemas/automation/definition.ts'
import { above } from '#schemas/automation/reach.ts'
import { loopsAround } from '#schemas/automation/turns.ts'
import { isObject, type Json, type JsonObject } from '#schemas/automation/json.ts'
import { namesIn, previewOf } from '#ui/lib/automation/preview.ts'
import type { Walked } from '#ui/lib/automation/walked.ts'
import type { RunCanvas } from '#schemas/runs.ts'

/** What is to be run: the live version, or the draft, whole or in part. */
export type Trial = {
  live: boolean
  until?: string
  only?: string
  /** Outputs that stand in for the steps before. */
  pins?: JsonObject
  /** The item of each loop around the one step. */
  items?: JsonObject
}

/** The run that is shown on the drawing. */
export type Shown = { canvas: RunCanvas; walked: Walked }

/** A test of one step alone, on what the run that is shown gave: in the turns in which it is looked at. */
export const aloneOn = (definition: Definition, id: string, shown: Shown | undefined): Trial => ({
  live: false,
  only: id,
  pins: outputsBeside(definition, id, shown?.walked),
  items: itemsAround(definition, id, shown),
})

/** What each step gave that stands beside the step, or beside what that stands in. */
const outputsBeside = (definition: Definition, id: string, walked: Walked | undefined): JsonObject => {
  const holders = above(definition, id)
  const beside = new Set([undefined, ...holders.map((node) => node.id)])
  const places = new Map(definition.nodes.map((node) => [node.id, node.within]))
  const known = [...(walked?.nodes.values() ?? [])].filter(
    ({ node, ports, failure }) =>
      node !== id &&
      beside.has(places.get(node)) &&
      !holders.some((one) => one.id === node) &&
      ports.length > 0 &&
      failure === null,
  )
  return Object.fromEntries(known.map((one) => [one.node, one.output as Json]))
}

/** For each loop around, the item of the turn that is looked at, else the first that is written in the drawing. */
const itemsAround = (definition: Definition, id: string, shown: Shown | undefined): JsonObject => {
  const names = shown === undefined ? {} : namesIn(definition, shown.canvas, shown.walked, id)
  const known = isObject(names.loops) ? names.loops : {}
  return Object.fromEntries(
    loopsAround(definition, id).map((loop) => {
      const turn = known[loop.id]
      return [loop.id, isObject(turn) ? ((turn['item'] ?? null) as Json) : firstItem(loop)]
    }),
  )
}

const firstItem = ({ with: told }: Node): Json => {
  const items = told?.['items']
  const found = previewOf(items, {}) ?? { value: items }
  return 'value' in found && Array.isArray(found.value) ? ((found.value[0] ?? null) as Json) : null
}
