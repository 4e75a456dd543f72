import type { Root } from '../expression.ts'
import { references, type Reference } from '../expression/references.ts'
import { Failure } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { Fix, Problem } from '../problem.ts'
import { isCel, isText, textParts } from '../value.ts'
import type { Drawing } from './drawing.ts'
import type { Wrong } from '../expression/explain.ts'
import { titled } from './fields.ts'
import { nameOf, pathOf, type Place } from './places.ts'
import type { Scope, Scopes } from './scope.ts'
import { beginWith, celTypesFor, takenAt } from './variables.ts'
import { spoken } from '../expression/spoken.ts'

/** What is wrong with the expression or the text with expressions that stands at a place. */
export function expressionProblems(drawing: Drawing, scopes: Scopes, place: Place): Problem[] {
  const { value, schema } = place
  if (schema['x-plain'] === true) return []
  const told = (wrong: Wrong & { fix?: Fix }): Problem => ({
    ...wrong,
    level: 'error',
    ...(place.node === null ? {} : { node: place.node.id }),
    path: pathOf(place),
  })
  if (isCel(value)) return check(drawing, scopes, place, value.cel, 0, true).map(told)
  if (!isText(value)) return []
  try {
    return textParts(value.text).flatMap((part) => {
      if (!('cel' in part)) return []
      const start = part.cel === '' ? part.start : value.text.indexOf(part.cel, part.start)
      return check(drawing, scopes, place, part.cel, start, false).map(told)
    })
  } catch (error) {
    if (error instanceof Failure) return [told({ code: 'expression_malformed', message: error.message })]
    throw error
  }
}

type Found = Wrong & { fix?: Fix }

const check = (
  drawing: Drawing,
  scopes: Scopes,
  place: Place,
  expression: string,
  start: number,
  whole: boolean,
): Found[] => {
  const scope = scopes.of(place)
  const checked = scopes.typing.check(expression, scope.locals)
  const moved = (found: Found): Found =>
    found.range === undefined
      ? found
      : { ...found, range: { start: found.range.start + start, end: found.range.end + start } }
  if ('wrong' in checked && checked.wrong.code === 'expression_malformed') return [moved(checked.wrong)]
  const names = referencesOf(expression).flatMap((one) => nameProblem(drawing, scope, place, expression, one))
  if (names.length > 0) return names.map(moved)
  if ('wrong' in checked) return [moved(checked.wrong)]
  const unfit = whole ? unfitType(drawing, place, checked.type) : null
  if (unfit !== null) return [moved({ ...unfit, range: { start: 0, end: expression.length } })]
  return unsetProblems(drawing, scopes, place, expression, whole).map(moved)
}

/** Variables that hold nothing yet, where an expression needs a value of them. */
const unsetProblems = (drawing: Drawing, scopes: Scopes, place: Place, expression: string, whole: boolean): Found[] => {
  const scope = scopes.of(place)
  const works = (name: string, type: string): boolean => {
    const checked = scopes.typing.check(expression, scope.locals, { [name]: type })
    return 'type' in checked && !(whole && unfitType(drawing, place, checked.type) !== null)
  }
  const read = referencesOf(expression).filter(({ path: [root, name], guarded }) => root === 'vars' && name && !guarded)
  const byName = new Map(read.map((one) => [one.path[1] ?? '', one]))
  return [...byName].flatMap(([name, { start, end }]) => {
    const variable = scope.unset(name)
    if (variable === undefined || works(name, 'null')) return []
    const meant = celTypesFor(variable).find(({ cel }) => works(name, cel))
    return [
      {
        code: 'variable_unset' as const,
        message: `“${name}” holds nothing yet when this is worked out. Let it begin with a value, or set it before.`,
        range: { start, end },
        ...(meant === undefined ? {} : { fix: beginWith(drawing.definition, name, meant.held) }),
      },
    ]
  })
}

const known = new Map<string, Reference[]>()

/** The names of an expression that is known to be one, but may be too long to be taken apart. */
const referencesOf = (expression: string): Reference[] => {
  const before = known.get(expression)
  if (before !== undefined) return before
  const found = references(expression)
  if (known.size >= 4000) known.clear()
  known.set(expression, found)
  return found
}

const nameProblem = (
  drawing: Drawing,
  scope: Scope,
  place: Place,
  expression: string,
  { path, start, end, guarded }: Reference,
): Found[] => {
  const [root, name] = path as [Root, string | undefined]
  const range = { start, end }
  if (scope.without.has(root))
    return [{ code: 'unknown_name', message: `“${root}” is not known before the run begins.`, range }]
  if (name === undefined) return []
  const instead = (meant: string | undefined): { fix?: Fix } =>
    meant === undefined || !isCel(place.value)
      ? {}
      : { fix: rewrite(place, expression, range, `${root}.${meant}`, [root, name]) }
  if (root === 'vars') {
    const names = (drawing.definition.variables ?? []).map((one) => one.name)
    if (names.includes(name)) return []
    const meant = nearest(name, names)
    const fix = meant === undefined ? { fix: addVariable(name) } : instead(meant)
    return [{ code: 'unknown_variable', message: `There is no variable “${name}”.`, range, ...fix }]
  }
  if (root !== 'steps' && root !== 'errors') return []
  if (!drawing.byId.has(name)) {
    const meant = nearest(
      name,
      drawing.nodes.filter((node) => scope.hasStep(node.id)).map((node) => node.id),
    )
    return [{ code: 'unknown_step', message: `There is no step “${name}”.`, range, ...instead(meant) }]
  }
  if (guarded || scope.hasStep(name)) return []
  const where = place.node === null ? 'here' : `before “${titled(drawing, place.node.id)}”`
  return [{ code: 'step_not_before', message: `“${titled(drawing, name)}” does not come ${where}.`, range }]
}

const addVariable = (name: string): Fix => ({
  title: `Add the variable “${name}”`,
  apply: [{ do: 'set', node: null, path: '/variables/-', value: { name, type: 'any' } }],
})

/** The expression with the beginning of one name written as it was probably meant. */
const rewrite = (
  place: Place,
  expression: string,
  { start, end }: { start: number; end: number },
  meant: string,
  said: [root: string, name: string],
): Fix => {
  const reference = expression.slice(start, end).replace(new RegExp(`^${said[0]}\\s*\\.\\s*${said[1]}\\b`), () => meant)
  const cel = expression.slice(0, start) + reference + expression.slice(end)
  return {
    title: `Write “${meant}”`,
    apply: [{ do: 'set', node: place.node?.id ?? null, path: pathOf(place), value: { cel } }],
  }
}

/** Types that a field of the form takes; a type that is not listed here is taken by any. */
const fitting: Record<string, RegExp> = {
  boolean: /^bool$/,
  number: /^(double|u?int)$/,
  integer: /^(double|u?int)$/,
  array: /^list\b/,
  object: /^(map\b|Object\d+$)/,
  string: /^(string|double|u?int|bool|null|null_type|google\..+)$/,
}
const wanted: Record<string, string> = {
  boolean: 'yes or no',
  number: 'a number',
  integer: 'a whole number',
  array: 'a list',
  object: 'an object',
  string: 'a text',
}

/** What an expression gives where the field takes something else; of `dyn` nothing can be said before it runs. */
const unfitType = (drawing: Drawing, place: Place, type: string): Wrong | null => {
  const { schema, name = nameOf(place) } = takenAt(drawing, place)
  const { type: takes } = schema
  if (typeof takes !== 'string' || type === 'dyn' || type.startsWith('optional')) return null
  if (fitting[takes]?.test(type) !== false) return null
  const need = place.schema['x-show'] === 'condition' ? 'yes or no' : (wanted[takes] ?? takes)
  return { code: 'type_error', message: `“${name}” takes ${need}; this gives ${spoken(type)}.` }
}
