import type { Definition } from '#schemas/automation/definition.ts'
import { keyOf } from '#schemas/automation/engine/host.ts'
import type { Undone } from '#schemas/automation/engine/undo.ts'
import { outermost } from '#schemas/automation/reach.ts'
import type { RunOptions } from '#schemas/automation/run.ts'
import { containersOf, nameOf, Taking, type Step, type Take } from '#schemas/automation/taken.ts'
import { Fault, isFault } from '#schemas/errors.ts'
import type { RerunFrom } from '#schemas/runs-start.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Walked } from './walk.ts'

type Seeds = NonNullable<RunOptions['seed']>
type How = {
  /** It is given another input: it begins at its start with that, and loops and blocks run again as a whole. */
  another: boolean
  /** What it runs, where that is another version. */
  into?: Definition | undefined
  /** Reads back a run that was a page of another one’s loop. */
  page: (run: string) => Promise<Walked>
}

/** What a new run takes over from this one when it begins at a step. */
export async function seedFrom(walked: Walked, from: Exclude<RerunFrom, 'start'>, how: How): Promise<Seeds> {
  const { definition, traced } = walked
  const read = once(how.page)
  const at = from === 'failure' ? await failedAt(walked, read) : stepOf(walked, from)
  if (how.into !== undefined) refuseWithout(how.into, at.node)
  const undone = new Set(undoneBy(walked))
  const page: Take['page'] = async (run) => {
    const its = await read(run)
    return its === null ? null : { trace: its.traced.trace, undone: new Set(undoneBy(its)) }
  }
  const take: Take = { definition, at, undone, whole: how.another, page }
  for (;;) {
    const taking = new Taking(take, traced.trace)
    const { nodes, vars } = await taking.all(traced.vars)
    const before = undone.size
    // what a step undid that is taken over itself stays undone, as it was meant
    for (const change of traced.trace.changes)
      if (!taking.taken.has(keyOf(change)) && isCompensate(definition, change.node))
        for (const one of keysOf(change.output)) undone.add(one)
    if (undone.size > before) continue
    if (!how.another) return { nodes, vars }
    const starts = new Set(definition.nodes.flatMap(({ id, kind }) => (kind === 'start' ? [id] : [])))
    return { nodes: Object.fromEntries(Object.entries(nodes).filter(([id]) => !starts.has(id))), vars }
  }
}

const refuseWithout = ({ nodes }: Definition, node: string): void => {
  if (nodes.some(({ id }) => id === node)) return
  throw new Fault('not_possible', `The version that is to run has no step “${node}”; run it from its start.`)
}

/** Where a run failed: the innermost step, of its own or of a page of its loop. */
async function failedAt({ definition, traced: { end, trace } }: Walked, read: Read): Promise<Step> {
  const node = end?.end === 'failed' ? end.failing.node : undefined
  const failed = trace.changes.findLast((one) => one.node === node && one.state === 'failed' && one.ports === undefined)
  if (failed === undefined || !definition.nodes.some(({ id }) => id === node))
    throw new Fault('not_possible', 'This run did not fail at a step; run it from its start.')
  for (const run of trace.pages.get(keyOf(failed))?.values() ?? []) {
    const page = await read(run)
    if (page?.traced.end?.end === 'failed') return failedAt(page, read)
  }
  return { node: failed.node, iteration: failed.iteration }
}

/** The step that is named; without a turn, a node in a loop stands for the whole of the outermost. */
function stepOf(walked: Walked, { node, iteration }: Exclude<RerunFrom, string>): Step {
  const { definition, traced } = walked
  const around = [...containersOf(definition, { node, iteration: iteration ?? '0' })]
  const outer = outermost(definition, node)
  if (outer === undefined) throw new Fault('not_possible', `There is no node “${node}” in the version that ran.`)
  const loops = around.filter((one) => kinds[kindOf(definition, one.node)]?.turns === true).length
  const step = { node: loops > 0 && iteration === undefined ? outer.id : node, iteration: iteration ?? '0' }
  const named = step.iteration === '0' ? 0 : step.iteration.split('.').length
  if (iteration !== undefined && named !== loops)
    throw new Fault(
      'not_possible',
      loops === 0
        ? `${nameOf(definition, { node, iteration: '0' })} stands in no loop: name no turn.`
        : `${nameOf(definition, { node, iteration: '0' })} is in a loop: say in which turn, such as ${Array(loops).fill(1).join('.')}.`,
    )
  // what a page worked through stands in the history of that one
  const { trace } = traced
  if (!trace.varsAt.has(keyOf(step)) && !hasSettled(walked, step) && !around.some((one) => trace.pages.has(keyOf(one))))
    throw new Fault('not_possible', `The run never came to ${nameOf(definition, step)}.`)
  return step
}

const hasSettled = ({ traced }: Walked, step: Step): boolean =>
  traced.trace.changes.some((one) => keyOf(one) === keyOf(step) && one.ports !== undefined)

/** What a run undid when it ended, as `node#iteration`; histories of old do not know the turn, which stands for all. */
const undoneBy = ({ traced: { end } }: Walked): string[] =>
  end === null || !('undone' in end) ? [] : keysOf(end.undone)
const keysOf = (undone: unknown): string[] =>
  Array.isArray(undone)
    ? (undone as Undone[]).flatMap(({ node, iteration, ok }) =>
        ok ? [iteration === undefined ? node : keyOf({ node, iteration })] : [],
      )
    : []

const kindOf = ({ nodes }: Definition, id: string): string => nodes.find((node) => node.id === id)?.kind ?? ''
const isCompensate = ({ nodes }: Definition, id: string): boolean =>
  nodes.some((node) => node.id === id && node.kind === 'compensate' && node.with?.['do'] !== 'keep')

type Read = (run: string) => Promise<Walked | null>

/** Each page is read once, however often it is asked for; null where it was never begun, or has no history any more. */
const once = (read: How['page']): Read => {
  const known = new Map<string, Promise<Walked | null>>()
  const tried = (run: string) =>
    read(run).catch((error: unknown) => {
      if (isFault(error) && error.code === 'history_unreadable') return null
      throw error
    })
  return (run) => {
    const found = known.get(run) ?? tried(run)
    known.set(run, found)
    return found
  }
}
