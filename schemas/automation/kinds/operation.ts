import { operations, type Operation } from '#schemas/connectors/operations.ts'
import type { JsonObject } from '../definition.ts'
import { checker, type Misfit } from '../document/sentences.ts'
import { isObject, type JsonSchema } from '../json.ts'
import { segments } from '../pointer.ts'
import type { Problem } from '../problem.ts'
import { isCel, isText } from '../value.ts'

/** The operation of that name; a name such as `constructor` is none. */
export const operationOf = (named: unknown): Operation | undefined =>
  typeof named === 'string' && Object.hasOwn(operations, named) ? operations[named] : undefined

/** What an operation that undoes a step is given: those that want to know are told why. */
export const undoInput = (named: string, input: JsonObject, why: string): JsonObject =>
  operationOf(named)?.input.properties?.['why'] === undefined ? input : { ...input, why }

/** What a step gives an input to: an operation, or another automation. */
type Taker = Pick<Operation, 'title' | 'input'>

const checkers = new WeakMap<JsonSchema, ReturnType<typeof checker>>()
const checkerOf = ({ input }: Taker): ReturnType<typeof checker> => {
  const made = checkers.get(input) ?? checker(input)
  checkers.set(input, made)
  return made
}

/**
 * What is wrong with the input that a step gives an operation or another automation. Expressions are looked at where they are worked out;
 * `told` names what the engine fills in.
 */
export function inputProblems(
  node: string,
  taker: Taker,
  value: unknown,
  path: string,
  told: readonly string[] = [],
): Problem[] {
  if (isExpression(value)) return []
  // what is left empty is not sent
  const given = Object.entries(isObject(value) ? value : {}).filter(([, one]) => one !== '' && one !== null)
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

const isExpression = (value: unknown): boolean => isCel(value) || isText(value)

/** Whether what lies at a path is worked out only in a run. */
const holdsExpression = (value: unknown, [key, ...rest]: readonly string[]): boolean => {
  if (isExpression(value)) return true
  if (key === undefined) return false
  return holdsExpression((value as Record<string, unknown> | null)?.[key], rest)
}
