import { isObject, type Json, type JsonSchema } from '../json.ts'
import type { Definition, Variable } from '../definition.ts'
import type { Fix, Problem } from '../problem.ts'
import { isCel, isText } from '../value.ts'
import type { Drawing } from './drawing.ts'
import { pathOf, type Place } from './places.ts'

/** What a variable of a type holds: in words, in JSON Schema, as CEL calls it, and as it begins unless told otherwise. */
const holdings = {
  string: { words: 'a text', schema: 'string', cel: 'string', begins: '', spoken: 'an empty text' },
  number: { words: 'a number', schema: 'number', cel: 'double', begins: 0, spoken: '0' },
  boolean: { words: 'yes or no', schema: 'boolean', cel: 'bool', begins: false, spoken: 'no' },
  list: { words: 'a list', schema: 'array', cel: 'list<dyn>', begins: [], spoken: 'an empty list' },
  object: { words: 'an object', schema: 'object', cel: 'map<string, dyn>', begins: {}, spoken: 'an empty object' },
} as const satisfies Record<Exclude<Variable['type'], 'any'>, object>
type Held = keyof typeof holdings

const heldBy = ({ type }: Variable): Held | undefined => (type === 'any' ? undefined : type)

/** How expressions see a variable: of what may be anything, everything may be asked. */
export const celTypeOf = (variable: Variable): string => {
  const held = heldBy(variable)
  return held === undefined ? 'dyn' : holdings[held].cel
}

/** The types that a variable without a value may be meant to have, as expressions see them. */
export const celTypesFor = (variable: Variable): { held: Held; cel: string }[] => {
  const held = heldBy(variable)
  const all: readonly Held[] = held === undefined ? ['number', 'string', 'boolean', 'list', 'object'] : [held]
  return all.map((one) => ({ held: one, cel: holdings[one].cel }))
}

/** The click after which a variable begins with something of its type. */
export function beginWith({ variables = [] }: Definition, name: string, held: Held): Fix {
  const { begins, spoken } = holdings[held]
  const value: Json = Array.isArray(begins) ? [] : isObject(begins) ? {} : (begins as Json)
  const at = variables.findIndex((one) => one.name === name)
  return {
    title: `Begin “${name}” with ${spoken}`,
    apply: [{ do: 'set', node: null, path: `/variables/${at}/initial`, value }],
  }
}

const holds = (held: Held, value: unknown): boolean => {
  if (held === 'list') return Array.isArray(value)
  return held === 'object' ? isObject(value) : typeof value === held
}

const wrongLiteral = (name: string, held: Held, value: unknown): string => {
  const { words } = holdings[held]
  if (value === null || value === '') return `“${name}” takes ${words}, and this is empty.`
  const found = Object.keys(holdings).find((one): one is Held => holds(one as Held, value))
  const is = found === undefined ? 'something else' : holdings[found].words
  return `“${name}” takes ${words}, and this is ${is}.`
}

/** What variables begin with, where it is not of their type. */
export function variableProblems({ definition }: Drawing): Problem[] {
  return (definition.variables ?? []).flatMap((variable, at) => {
    const held = heldBy(variable)
    const { name, initial } = variable
    if (held === undefined || initial === undefined || initial === null || holds(held, initial)) return []
    const message = wrongLiteral(name, held, initial)
    const path = `/variables/${at}/initial`
    return [{ code: 'field_invalid', level: 'error', path, message, fix: beginWith(definition, name, held) }]
  })
}

/** The variable that is given its value at a place, where it is declared. */
const setAt = (drawing: Drawing, { node, path }: Place): Variable | undefined => {
  if (node?.kind !== 'set' || path.length !== 3 || path[1] !== 'values') return undefined
  return drawing.definition.variables?.find((one) => one.name === path[2])
}

/** A literal that a variable is set to and that is not of its type. */
export function settingProblems(drawing: Drawing, place: Place): Problem[] {
  const { node, value } = place
  const variable = setAt(drawing, place)
  const held = variable === undefined ? undefined : heldBy(variable)
  if (variable === undefined || held === undefined || node === null || isCel(value)) return []
  if (isText(value) ? held === 'string' : holds(held, value)) return []
  const message = wrongLiteral(variable.name, held, isText(value) ? value.text : value)
  return [{ code: 'field_invalid', level: 'error', node: node.id, path: pathOf(place), message }]
}

/** What has to come of an expression at a place: what its field takes, or the variable that it is set to. */
export function takenAt(drawing: Drawing, place: Place): { schema: JsonSchema; name?: string } {
  const variable = setAt(drawing, place)
  const held = variable === undefined ? undefined : heldBy(variable)
  return variable === undefined || held === undefined
    ? { schema: place.schema }
    : { schema: { type: holdings[held].schema }, name: variable.name }
}

/** The variables that begin with nothing and that no step before a place gives a value, by their names. */
export function unsetAt(
  drawing: Drawing,
  place: Place,
  isBefore: (step: string, node: string) => boolean,
): (name: string) => Variable | undefined {
  const { node } = place
  return (name) => {
    const variable = drawing.definition.variables?.find((one) => one.name === name)
    if (variable === undefined || (variable.initial !== undefined && variable.initial !== null)) return undefined
    const isSet = drawing.nodes.some((setter) => {
      const values = setter.kind === 'set' && setter.disabled !== true ? setter.with?.['values'] : undefined
      if (!isObject(values) || !Object.hasOwn(values, name)) return false
      return node === null || [setter, ...drawing.around(setter)].some((one) => isBefore(one.id, node.id))
    })
    return isSet ? undefined : variable
  }
}
