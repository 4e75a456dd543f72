import { titleOf, type Definition, type Json, type Node } from './definition.ts'
import type { Engine } from './engine/engine.ts'
import { waysOf } from './kind.ts'
import { kinds } from './kinds/index.ts'
import { misfitOf } from './variable.ts'

/** What a person may do to a run that is at work; `by` stands in the history. */
export type Control = { by: { id: string; name: string } } & (
  | { do: 'pause' | 'resume' | 'step' }
  | { do: 'skip'; step: string; way?: string }
  | { do: 'set'; variable: string; value: Json }
)

/** Does to a run what a person asked for. */
export const applyControl = (engine: Engine, asked: Control): void => {
  if (asked.do === 'skip') engine.skip(asked.step, asked.way)
  else if (asked.do === 'set') engine.variables.edit({ [asked.variable]: asked.value })
  else if (asked.do === 'pause') engine.pause.begin()
  else if (asked.do === 'resume') engine.pause.end()
  else engine.pause.step()
}

/** Why a run cannot do what a person asks for, in a sentence; nothing where it can. */
export function refusalOf(engine: Engine, asked: Control): string | undefined {
  const { definition } = engine.input
  if (asked.do === 'skip') return skipRefusal(engine, definition, asked)
  if (asked.do === 'set') return setRefusal(engine, definition, asked.variable, asked.value)
  if (asked.do === 'pause') return engine.paused ? 'This run is paused already.' : undefined
  return engine.paused ? undefined : 'This run is not paused.'
}

const skipRefusal = (
  engine: Engine,
  definition: Definition,
  { step, way }: Extract<Control, { do: 'skip' }>,
): string | undefined => {
  const [, id = step, iteration = ''] = /^(.+)#(0|[1-9]\d*(?:\.[1-9]\d*)*)$/.exec(step) ?? []
  const node = definition.nodes.find((one) => one.id === id)
  if (node === undefined) return `There is no step “${id}” in the version that runs.`
  const title = titleOf(node)
  if (unskippable.has(node.kind)) return `“${title}” is nothing that can be skipped.`
  const turns = turnsAround(definition, node)
  const named = iteration === '0' || iteration === '' ? 0 : iteration.split('.').length
  if (turns === 0 && iteration !== '0') return `“${title}” stands in no loop: call it ${id}#0.`
  if (named !== turns)
    return `“${title}” is in a loop: say in which turn, such as ${id}#${Array(turns).fill(1).join('.')}.`
  const paged = around(definition, node).find(({ id: loop }) => engine.isPaged(loop))
  if (paged !== undefined)
    return `The turns of “${titleOf(paged)}” are worked through by runs of their own: skip “${title}” in the one that has this turn.`
  if (isThrough(engine, definition, node, iteration)) return `“${title}” is through already.`
  if (node.kind === 'approval' && !engine.isLive(step)) return `“${title}” has asked nobody yet: skip it when it has.`
  return wayRefusal(node, way)
}

/** What goes several ways goes none of them by itself. */
const wayRefusal = (node: Node, way: string | undefined): string | undefined => {
  const kind = kinds[node.kind]
  const ways = kind === undefined ? [] : waysOf(kind, node).map(({ id }) => id)
  if (way === undefined ? ways.includes('out') : ways.includes(way)) return undefined
  const why = way === undefined ? 'goes several ways: say by which to go on' : `has no way out called “${way}”`
  return `“${titleOf(node)}” ${why}: ${ways.join(', ')}.`
}
const unskippable = new Set(['start', 'end', 'note'])

/** Whether a step has ended, or something that it stands in has. */
const isThrough = (engine: Engine, definition: Definition, node: Node, iteration: string): boolean => {
  if (engine.isThrough(node.id, iteration)) return true
  const [container] = around(definition, node)
  if (container === undefined) return false
  const outer = kinds[container.kind]?.turns === true ? iteration.split('.').slice(0, -1).join('.') || '0' : iteration
  return isThrough(engine, definition, container, outer)
}

/** What a node stands in, the nearest first. */
const around = (definition: Definition, { within }: Node): Node[] => {
  const container = definition.nodes.find((one) => one.id === within)
  return container === undefined ? [] : [container, ...around(definition, container)]
}

/** How many loops a node stands in. */
const turnsAround = (definition: Definition, node: Node): number =>
  around(definition, node).filter(({ kind }) => kinds[kind]?.turns === true).length

const setRefusal = (engine: Engine, definition: Definition, name: string, value: Json): string | undefined => {
  if (!Object.hasOwn(engine.vars, name)) return `There is no variable “${name}”.`
  const declared = definition.variables?.find((one) => one.name === name)
  return declared === undefined ? undefined : misfitOf(declared, value)
}
