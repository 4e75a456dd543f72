import { titleOf, type Definition, type Json, type Node, type Variable } from './definition.ts'
import type { Engine } from './engine/engine.ts'
import { kinds } from './kinds/index.ts'

/** What a person may do to a run that is at work; `by` stands in the history. */
export type Control = { by: { id: string; name: string } } & (
  | { do: 'pause' | 'resume' | 'step' }
  | { do: 'skip'; step: string }
  | { do: 'set'; variable: string; value: Json }
)

/** Does to a run what a person asked for. */
export const applyControl = (engine: Engine, asked: Control): void => {
  if (asked.do === 'skip') engine.skip(asked.step)
  else if (asked.do === 'set') engine.setVariable(asked.variable, asked.value)
  else if (asked.do === 'pause') engine.pause.begin()
  else if (asked.do === 'resume') engine.pause.end()
  else engine.pause.step()
}

/** Why a run cannot do what a person asks for, in a sentence; nothing where it can. */
export function refusalOf(engine: Engine, asked: Control): string | undefined {
  const { definition } = engine.input
  if (asked.do === 'skip') return skipRefusal(engine, definition, asked.step)
  if (asked.do === 'set') return setRefusal(engine, definition, asked.variable, asked.value)
  if (asked.do === 'pause') return engine.paused ? 'This run is paused already.' : undefined
  return engine.paused ? undefined : 'This run is not paused.'
}

const skipRefusal = (engine: Engine, definition: Definition, step: string): string | undefined => {
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
  return isThrough(engine, definition, node, iteration) ? `“${title}” is through already.` : undefined
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
  const type = definition.variables?.find((one) => one.name === name)?.type ?? 'any'
  if (type === 'any' || value === null || typeOf(value) === type) return undefined
  return `“${name}” holds ${inWords[type]}, and this is ${inWords[typeOf(value)]}.`
}

type ValueType = Exclude<Variable['type'], 'any'>
const inWords: Record<ValueType, string> = {
  string: 'a text',
  number: 'a number',
  boolean: 'yes or no',
  object: 'an object',
  list: 'a list',
}
const typeOf = (value: Exclude<Json, null>): ValueType =>
  Array.isArray(value) ? 'list' : (typeof value as Exclude<ValueType, 'list'>)
