import type { Operation } from '#schemas/connectors/operations.ts'
import type { Node } from '../definition.ts'
import { checker, type Misfit } from '../document/sentences.ts'
import { isObject } from '../json.ts'
import { operationOf } from '../kinds/operation.ts'
import { segments } from '../pointer.ts'
import type { Problem } from '../problem.ts'
import { isCel, isText } from '../value.ts'

/** What is wrong with what a step, and what undoes it, give the operations that they name. */
export function inputProblems({ id, kind, with: fields, undo }: Node): Problem[] {
  const does = kind === 'action' ? operationOf(fields?.['operation']) : undefined
  const undoes = operationOf(undo?.operation)
  return [
    ...(does === undefined ? [] : problemsOf(id, does, fields?.['input'], '/with/input')),
    ...(undoes === undefined ? [] : problemsOf(id, undoes, undo?.input, '/undo/input', ['why'])),
  ]
}

const checkers = new Map<Operation, ReturnType<typeof checker>>()
const checkerOf = (operation: Operation): ReturnType<typeof checker> => {
  const made = checkers.get(operation) ?? checker(operation.input)
  checkers.set(operation, made)
  return made
}

/**
 * What is wrong with the input that a step gives an operation. Expressions are looked at where they are worked out;
 * `told` names what the engine fills in.
 */
function problemsOf(
  node: string,
  operation: Operation,
  value: unknown,
  path: string,
  told: readonly string[] = [],
): Problem[] {
  if (isExpression(value)) return []
  // what is left empty is not sent
  const given = Object.entries(isObject(value) ? value : {}).filter(([, one]) => one !== '' && one !== null)
  const input = Object.fromEntries(given)
  return checkerOf(operation)(input)
    .filter(({ path: at }) => !holdsExpression(input, segments(at)) && !told.includes(at.slice(1)))
    .map((misfit) => toProblem(node, operation, misfit, path))
}

const toProblem = (node: string, { title, input }: Operation, misfit: Misfit, path: string): Problem => {
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
