import type { Definition, Node } from '#schemas/automation/definition.ts'
import type { Names } from '#schemas/automation/expression.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { loopsAround } from '#schemas/automation/turns.ts'
import { isCel, isText, resolve } from '#schemas/automation/value.ts'
import type { RunCanvas } from '#schemas/runs.ts'
import type { Walked } from './walked.ts'

/** What a field came to in the last run, or why it comes to nothing. */
export type Preview = { value: unknown } | { problem: string }

/** What the expressions of a node see of a run: as far as it got, in the turns that are looked at. */
export function namesIn(definition: Definition, canvas: RunCanvas, walked: Walked, id: string): Names {
  const steps: Record<string, unknown> = {}
  const errors: Record<string, unknown> = {}
  let input: unknown = {}
  for (const [node, state] of walked.nodes) {
    if (node === id) continue
    if (state.ports.length > 0 || state.output !== null) steps[node] = state.output
    if (state.failure !== null) errors[node] = state.failure
    if (definition.nodes.find((one) => one.id === node)?.kind === 'start') input = state.output ?? {}
  }
  const run = { id: '', automation: canvas.automation, version: canvas.versionNumber, startedAt: '' }
  const names: Names = { input, steps, errors, vars: canvas.variables, run, now: new Date().toISOString() }
  return { ...names, ...turnNames(definition, walked, names, id) }
}

/** `item`, `index` and `loops` in the turns that are looked at. */
const turnNames = (definition: Definition, walked: Walked, around: Names, id: string): Names => {
  const loops: Record<string, { item: unknown; index: number }> = {}
  let innermost: { item: unknown; index: number } | undefined
  for (const loop of loopsAround(definition, id)) {
    const turn = walked.picks.get(loop.id)?.at
    if (turn === undefined || kinds[loop.kind]?.turns !== true) continue
    const items = attempt(loop.with?.['items'], { ...around, ...innermost, loops })
    const item = 'value' in items && Array.isArray(items.value) ? (items.value as unknown[])[turn - 1] : undefined
    innermost = { item: item ?? null, index: turn - 1 }
    loops[loop.id] = innermost
  }
  return innermost === undefined ? {} : { ...innermost, loops }
}

const attempt = (value: unknown, names: Names): Preview => {
  try {
    return { value: resolve(value as never, names) }
  } catch (error) {
    if (error instanceof Failure) return { problem: error.message.replace(/ In: .*$/s, '') }
    throw error
  }
}

/** What a field sees that is worked out for each entry of a list: the first of them. Nothing, where there is none. */
export function namesOfField({ kind, with: told }: Node, field: string, names: Names): Names | undefined {
  const own = kinds[kind]?.names?.[field]
  if (own === undefined) return names
  const items = 'item' in own ? attempt(told?.['items'], names) : undefined
  if (items === undefined || !('value' in items) || !Array.isArray(items.value) || items.value.length === 0)
    return undefined
  return { ...names, item: items.value[0] as unknown, index: 0 }
}

/** What a field with an expression in it came to; nothing of a field that is what it says, or that says nothing yet. */
export const previewOf = (value: unknown, names: Names): Preview | undefined =>
  (isCel(value) && value.cel.trim() !== '') || isText(value) ? attempt(value, names) : undefined

/** What is known of a run by the fields of a step: what they see of it, and whether it was asked to be shown. */
export type Seen = { names: Names; shown: boolean }

/** The same of a field of a step. Of a run that nobody asked for only what it came to is told, not what it lacks. */
export function previewIn(node: Node, field: string, value: unknown, { names, shown }: Seen): Preview | undefined {
  const sees = namesOfField(node, field, names)
  const found = sees === undefined ? undefined : previewOf(value, sees)
  return found === undefined || shown || 'value' in found ? found : undefined
}
