import { calledAs, callOf } from '../called.ts'
import type { Node } from '../definition.ts'
import { checker, type Misfit } from '../document/sentences.ts'
import { isObject, type JsonSchema } from '../json.ts'
import { operationOf } from '../kinds/operation.ts'
import { segments } from '../pointer.ts'
import type { Problem } from '../problem.ts'
import type { About } from '../validate.ts'
import { isCel, isText } from '../value.ts'

/** What takes an input: an operation, or another automation. */
type Taker = { title: string; input: JsonSchema }

/** What is wrong with what a step, and what undoes it, give the operation or the automation that they name. */
export function inputProblems(node: Node, { called = {} }: About): Problem[] {
  const { id, kind, with: fields, undo } = node
  const does = kind === 'action' ? operationOf(fields?.['operation']) : undefined
  const call = callOf(node)
  const calls = call === null ? undefined : called[calledAs(call)]
  const undoes = operationOf(undo?.operation)
  return [
    ...(does === undefined ? [] : problemsOf(id, does, fields?.['input'], '/with/input')),
    ...(calls?.input === undefined
      ? []
      : problemsOf(id, { title: calls.title, input: calls.input }, fields?.['input'], '/with/input')),
    ...(undoes === undefined ? [] : problemsOf(id, undoes, undo?.input, '/undo/input', ['why'])),
  ]
}

const checkers = new WeakMap<JsonSchema, ReturnType<typeof checker>>()
const checkerOf = ({ input }: Taker): ReturnType<typeof checker> => {
  const made = checkers.get(input) ?? checker(input)
  checkers.set(input, made)
  return made
}

/**
 * What is wrong with the input that a step gives. Expressions are looked at where they are worked out;
 * `told` names what the engine fills in.
 */
function problemsOf(node: string, taker: Taker, value: unknown, path: string, told: readonly string[] = []): Problem[] {
  if (isExpression(value)) return []
  const fields = taker.input.properties ?? {}
  // what is left empty is as good as not there, except where nothing is something that can be said
  const given = Object.entries(isObject(value) ? value : {}).filter(
    ([field, one]) => one !== '' && (one !== null || takesNull(fields[field])),
  )
  const input = Object.fromEntries(given)
  return checkerOf(taker)(input)
    .filter(({ path: at }) => !holdsExpression(input, segments(at)) && !told.includes(at.slice(1)))
    .map((misfit) => toProblem(node, taker, misfit, path))
}

const toProblem = (node: string, { title, input }: Taker, misfit: Misfit, path: string): Problem => {
  const at = `${path}${misfit.path}`
  const field = misfit.path.slice(1)
  const about = { level: 'error', node, path: at } as const
  if (misfit.why === 'missing')
    return {
      ...about,
      code: 'field_missing',
      message: `“${input.properties?.[field]?.title ?? field}” is needed by ${title}.`,
    }
  if (misfit.why !== 'unknown') return { ...about, code: 'field_invalid', message: misfit.message }
  const fix = { title: 'Remove it', apply: [{ do: 'set' as const, node, path: at }] }
  return { ...about, code: 'field_invalid', message: `“${title}” takes no “${field}”.`, fix }
}

const takesNull = ({ type = [] }: JsonSchema = {}): boolean => [type].flat().includes('null')

const isExpression = (value: unknown): boolean => isCel(value) || isText(value)

/** Whether what lies at a path is worked out only in a run. */
const holdsExpression = (value: unknown, [key, ...rest]: readonly string[]): boolean => {
  if (isExpression(value)) return true
  if (key === undefined) return false
  return holdsExpression((value as Record<string, unknown> | null)?.[key], rest)
}
