import { titleOf, type Node } from '../definition.ts'
import { kindOf, withShape } from '../document/forms.ts'
import { checker, type Misfit } from '../document/sentences.ts'
import { durationMs } from '../duration.ts'
import type { Kind } from '../kind.ts'
import { hasZone, momentMs } from '../moment.ts'
import type { Problem } from '../problem.ts'
import { zoneNamed } from '../schedule.ts'
import { readSchedule, type Wrong } from '../schedule/read.ts'
import type { Drawing } from './drawing.ts'
import { nameOf, pathOf, type Place } from './places.ts'

const checkers = new Map<Kind, ReturnType<typeof checker>>()

const checkerOf = (kind: Kind): ReturnType<typeof checker> => {
  const made = checkers.get(kind) ?? checker(withShape(kind))
  checkers.set(kind, made)
  return made
}

/** What the form of its kind does not take, and what the kind itself has to say. */
export function formProblems(drawing: Drawing, node: Node): Problem[] {
  const kind = kindOf(node.kind)
  if (kind === undefined) return []
  const misfits = checkerOf(kind)(node.with ?? {}).map((misfit) => formProblem(node, misfit))
  const missing = new Set(misfits.map(({ path }) => path))
  const own = kind.checks?.({ node, definition: drawing.definition }) ?? []
  return [...misfits, ...own.filter((one) => one.code !== 'field_missing' || !missing.has(one.path))]
}

const formProblem = (node: Node, { path, message, why }: Misfit): Problem => {
  const at = `/with${path}`
  const fix =
    why === 'unknown' ? { title: 'Remove it', apply: [{ do: 'set' as const, node: node.id, path: at }] } : undefined
  return {
    code: why === 'missing' ? 'field_missing' : 'field_invalid',
    level: 'error',
    node: node.id,
    path: at,
    message,
    ...(fix === undefined ? {} : { fix }),
  }
}

/** What a literal has to be beyond its type, by how its field is shown: a span of time, a point in time, steps. */
export function literalProblems(drawing: Drawing, place: Place): Problem[] {
  const { node, value, schema } = place
  const invalid = (message: string): Problem[] => [
    {
      code: 'field_invalid',
      level: 'error',
      ...(node === null ? {} : { node: node.id }),
      path: pathOf(place),
      message: `“${nameOf(place)}” ${message}`,
    },
  ]
  const show = schema['x-show']
  if (show === 'cron' && typeof value === 'string') {
    const read = readSchedule(value)
    return 'wrong' in read ? invalid(read.wrong.message).map((one) => ({ ...one, ...mending(place, read.wrong) })) : []
  }
  if (show === 'zone' && typeof value === 'string' && zoneNamed(value) === null)
    return invalid(`is no zone such as America/Chicago: “${value}”.`)
  if (show === 'duration' && typeof value === 'string' && durationMs(value) === null)
    return invalid(`is no length of time such as 90s, 15m, 4h or 2d: “${value}”.`)
  if (show === 'time' && typeof value === 'string') {
    if (momentMs(value) === null) return invalid(`is no time such as 2026-11-21T10:15:00Z: “${value}”.`)
    if (!hasZone(value)) return invalid(`says no zone, such as ${value}Z or ${value}-05:00.`)
  }
  if (show === 'nodes' && Array.isArray(value)) return value.flatMap((id) => unknownStep(drawing, place, id))
  return []
}

/** Where a schedule is wrong, and a click that writes what was likely meant. */
const mending = (place: Place, { start, end, instead }: Wrong): Pick<Problem, 'range' | 'fix'> => ({
  range: { start, end },
  ...(instead === undefined || place.node === null
    ? {}
    : {
        fix: {
          title: `Take ${JSON.stringify(instead)}`,
          apply: [{ do: 'set', node: place.node.id, path: pathOf(place), value: instead }],
        },
      }),
})

const unknownStep = (drawing: Drawing, place: Place, id: unknown): Problem[] => {
  if (typeof id === 'string' && drawing.byId.has(id)) return []
  const message = `“${String(id)}” in “${nameOf(place)}” is no step of this automation.`
  const of = place.node === null ? {} : { node: place.node.id }
  return [{ code: 'unknown_step', level: 'error', ...of, path: pathOf(place), message }]
}

export const titled = (drawing: Drawing, id: string): string => {
  const node = drawing.byId.get(id)
  return node === undefined ? id : titleOf(node)
}
