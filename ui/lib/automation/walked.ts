import { edgeId, portOf, type Definition, type Edge, type Node } from '#schemas/automation/definition.ts'
import { isObject } from '#schemas/automation/json.ts'
import { countIn, loopsAround } from '#schemas/automation/turns.ts'
import type { CanvasNode, Step } from '#schemas/runs.ts'
import type { EdgeOver, NodeOver, Overlay, Times, TurnPick } from './overlay.ts'
import { isPageOf } from './pages.ts'
import { keyOf, picksOf, shownIteration, type CountedTurns, type Turns } from './turns.ts'
import { toolsUsed } from './tools-used.ts'
import { waitsInShort } from './waiting.ts'

export type WalkedStep = Pick<
  Step,
  'id' | 'kind' | 'node' | 'iteration' | 'state' | 'attempts' | 'scheduledAt' | 'startedAt' | 'closedAt' | 'undoes'
>

/** A node in one of its turns, with what its steps tell besides: that it is tried again, only waits, or was undone. */
export type SeenNode = Omit<CanvasNode, 'state'> & {
  state: NonNullable<NodeOver['state']>
  tries: number
  undo?: NonNullable<NodeOver['undo']>
}

/** A run as its drawing shows it: each node in the turn that is looked at; `all` has each in every turn, by key. */
export type Walked = {
  all: ReadonlyMap<string, SeenNode>
  nodes: ReadonlyMap<string, SeenNode>
  picks: ReadonlyMap<string, TurnPick>
  /** The turns of loops in pages, by the loop. */
  counted: CountedTurns
  overlay: Overlay
}

/** Lays a run over the drawing it follows. */
export function walkedOver(
  definition: Definition,
  all: readonly CanvasNode[],
  steps: readonly WalkedStep[],
  turns: Turns,
  counted: CountedTurns = new Map(),
): Walked {
  const picks = picksOf(definition, all, turns, counted)
  const byStep = Map.groupBy(steps, keyOf)
  const drawn = new Map(definition.nodes.map((node) => [node.id, node]))
  const byKey = new Map(
    all.map((one) => [keyOf(one), seen(one, byStep.get(keyOf(one)) ?? [], drawn.get(one.node))] as const),
  )
  const shown = new Map<string, SeenNode>()
  const nodes = new Map<string, NodeOver>()
  for (const node of definition.nodes) {
    const { id } = node
    const key = keyOf({ node: id, iteration: shownIteration(definition, id, picks) })
    const found = byKey.get(key)
    const times = timesOf(loopsAround(definition, id), id, picks)
    if (found === undefined) {
      if (pagedAround(definition, id, steps) !== undefined) nodes.set(id, { elsewhere: true, ...times })
      continue
    }
    shown.set(id, found)
    nodes.set(id, { ...nodeOver(node, found, picks.get(id)), ...times })
  }
  const within = new Map(definition.nodes.map((node) => [node.id, node.within]))
  const edges = new Map(
    definition.edges.map((edge) => [edgeId(edge), edgeOver(edge, within.get(edge.to) === edge.from, shown)]),
  )
  return { all: byKey, nodes: shown, picks, counted, overlay: { nodes, edges, ofRun: true } }
}

/** How often a node in loops came to what, where the outermost that is counted has more than one turn. */
const timesOf = (loops: readonly Node[], id: string, picks: ReadonlyMap<string, TurnPick>): { times?: Times } => {
  const [outer] = loops.flatMap((loop) => picks.get(loop.id) ?? [])
  const times = outer === undefined || countIn(outer.begun) < 2 ? undefined : outer.nodes[id]
  return times === undefined ? {} : { times }
}

/** The loop around a node whose turns are worked through by runs of their own, the outermost. */
export const pagedAround = (definition: Definition, id: string, steps: readonly Pick<Step, 'kind' | 'node'>[]) =>
  loopsAround(definition, id).find((loop) => steps.some((step) => isPageOf(step, loop.id)))

const seen = (node: CanvasNode, all: readonly WalkedStep[], drawn: Node | undefined): SeenNode => {
  const undo = undoOf(all.filter(({ undoes }) => undoes))
  return {
    ...doing(
      node,
      all.filter(({ undoes }) => !undoes),
      drawn,
    ),
    ...(undo === undefined ? {} : { undo }),
  }
}

const undoOf = (steps: readonly WalkedStep[]): SeenNode['undo'] => {
  if (steps.some(({ state }) => state === 'failed' || state === 'timed_out')) return 'failed'
  return steps.some(({ state }) => state === 'completed') ? 'done' : undefined
}

/** What is done by one step: it takes as long as that ran, as on the timeline, and not as long as it waited for a worker besides. */
const works: ReadonlySet<string> = new Set(['action', 'http', 'code', 'ai'])

const doing = (node: CanvasNode, steps: readonly WalkedStep[], drawn: Node | undefined): SeenNode => {
  const tries = Math.max(0, ...steps.map((step) => step.attempts.length))
  const [only] = steps
  if (
    only?.startedAt != null &&
    only.closedAt !== null &&
    steps.length === 1 &&
    drawn !== undefined &&
    works.has(drawn.kind)
  )
    return { ...node, startedAt: only.startedAt, endedAt: only.closedAt, tries }
  const has = (state: WalkedStep['state']) => steps.some((step) => step.state === state)
  const busy = node.state === 'running'
  if (busy && has('retrying')) return { ...node, state: 'retrying', tries }
  if (drawn?.kind === 'wait' && (busy || node.state === 'waiting'))
    return { ...node, state: drawn.with?.['for'] === 'event' ? 'listening' : 'timed', tries }
  return { ...node, state: busy && has('waiting') && !has('running') ? 'waiting' : node.state, tries }
}

const says = (node: Node, { state, startedAt }: SeenNode): Pick<NodeOver, 'says'> => {
  const waits = startedAt !== null && (state === 'timed' || state === 'listening')
  const said = waits ? waitsInShort(node, startedAt, Date.now()) : undefined
  return said === undefined ? {} : { says: said }
}

const nodeOver = (node: Node, found: SeenNode, turns: TurnPick | undefined): NodeOver => ({
  ...toolsOver(node, found),
  state: found.state,
  ...says(node, found),
  from: found.startedAt,
  until: found.endedAt,
  ...(found.tries > 1 ? { tries: found.tries } : {}),
  ...(found.skippedBy === null ? {} : { skippedBy: found.skippedBy }),
  ...(found.undo === undefined ? {} : { undo: found.undo }),
  ...(turns === undefined ? {} : { turns }),
})

const toolsOver = ({ kind }: Node, { output }: SeenNode): Pick<NodeOver, 'tools'> => {
  const tools = toolsUsed(kind, output).length
  return tools === 0 ? {} : { tools }
}

const edgeOver = (edge: Edge, body: boolean, shown: ReadonlyMap<string, SeenNode>): EdgeOver => {
  const [from, to] = [shown.get(edge.from), shown.get(edge.to)]
  const left = from?.ports.includes(portOf(edge)) === true
  // into the body of a loop or a parallel block runs go before the block itself is through, and it goes on by no port
  const entered = body && to !== undefined && to.state !== 'skipped'
  if (!left && !entered) return { way: 'idle' }
  const moving = to !== undefined && isAtWork(to)
  const said = left ? dataWord(from.output) : ''
  return { way: moving ? 'moving' : 'taken', ...(said === '' ? {} : { said }) }
}

export const isAtWork = ({ state }: Pick<SeenNode, 'state'>): boolean =>
  ['running', 'retrying', 'waiting', 'timed', 'listening'].includes(state)

/** What flowed, in a word or two: `3 entries`, `4 fields`, a short text as it is. */
export function dataWord(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.length === 1 ? '1 entry' : `${value.length.toLocaleString('en')} entries`
  if (isObject(value)) {
    const count = Object.keys(value).length
    return count === 0 ? '' : count === 1 ? '1 field' : `${count} fields`
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 18 ? `${text.slice(0, 17)}…` : text
}
