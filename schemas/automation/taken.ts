import { titleOf, type Definition, type JsonObject, type Node } from './definition.ts'
import { keyOf, type StepRef } from './engine/host.ts'
import type { Begun, Seed, Settled } from './engine/input.ts'
import { planRegion } from './engine/plan.ts'
import type { Trace } from './engine/trace.ts'
import { isObject } from './json.ts'
import { kinds } from './kinds/index.ts'
import { after, outermost, withInner } from './reach.ts'
import { TakenBlocks } from './taken-blocks.ts'

export type Step = Pick<StepRef, 'node' | 'iteration'>
export type Taken = { nodes: Record<string, Seed>; vars: JsonObject }

/** What is asked of a run that another one goes on from. */
export type Take = {
  definition: Definition
  /** Where the new run begins. */
  at: Step
  /** What was undone since, as `node#iteration`; without a turn it stands for all. */
  undone: ReadonlySet<string>
  /** Whether loops and blocks run again as a whole. */
  whole: boolean
  /** What a page of a loop did, and what it undid itself; null where that can no longer be known. */
  page: (run: string) => Promise<{ trace: Trace; undone: ReadonlySet<string> } | null>
}

/**
 * What a new run takes over from another one when it begins at a step: all that had settled and does not come after it,
 * in the loops and blocks around it too, but for what was undone and what came after that.
 */
export class Taking {
  readonly take: Take
  readonly trace: Trace
  readonly settled = new Map<string, Settled>()
  /** The steps that run again though something was known of them, and what they stand in. */
  readonly #again = new Map<string, Step>()
  readonly #around = new Map<string, Step>()
  readonly taken = new Set<string>()
  readonly #open = new Set<string>()
  readonly blocks: TakenBlocks
  /** The variables as a page leaves them that is gone on with, where pages set any. */
  vars: JsonObject | null = null

  constructor(take: Take, trace: Trace) {
    this.take = take
    this.trace = trace
    for (const change of trace.changes) {
      const { state, ports, output = null, failing } = change
      if (state === 'skipped') this.settled.set(keyOf(change), 'skipped')
      else if (ports !== undefined)
        this.settled.set(keyOf(change), { ports, output, ...(failing === undefined ? {} : { failing }) })
    }
    this.blocks = new TakenBlocks(this)
    this.#mark(take.at)
    for (const { node, iteration } of trace.changes)
      if (take.undone.has(node) || take.undone.has(keyOf({ node, iteration }))) this.#mark({ node, iteration })
    for (const key of trace.pages.keys()) {
      const [node = '', iteration = '0'] = key.split('#')
      if (this.undoneIn(node)) this.#mark({ node, iteration }, this.#around)
    }
  }

  #mark(step: Step, as = this.#again): void {
    if (this.take.whole) {
      const node = outermost(this.take.definition, step.node)?.id ?? step.node
      this.#again.set(`${node}#0`, { node, iteration: '0' })
      return
    }
    as.set(keyOf(step), step)
    for (const one of containersOf(this.take.definition, step)) this.#around.set(keyOf(one), one)
  }

  /** Whether something that stands in a node was undone, in whatever turn. */
  undoneIn(node: string): boolean {
    const inner = withInner(this.take.definition, [node])
    return [...this.take.undone].some((one) => inner.has(one.split('#')[0] ?? ''))
  }

  /** Whether anything runs again of the nodes given, in a turn or in turns inside of it. */
  runsAgainIn(nodes: ReadonlySet<string>, iteration: string): boolean {
    return [...this.#again.values(), ...this.#around.values()].some(
      (step) => nodes.has(step.node) && isWithin(step.iteration, iteration),
    )
  }

  /** The same of a page of a loop. */
  async page(run: string): Promise<Taking | null> {
    const known = await this.take.page(run)
    if (known === null) return null
    const undone = new Set([...this.take.undone, ...known.undone])
    return new Taking({ ...this.take, undone }, known.trace)
  }

  async all(final: JsonObject): Promise<Taken> {
    const { definition } = this.take
    const nodes = await this.region(planRegion(definition, null).nodes, '0')
    return { nodes, vars: this.vars ?? this.varsOf(final) }
  }

  /** What is taken over of nodes that stand side by side. */
  async region(nodes: readonly Node[], iteration: string): Promise<Record<string, Seed>> {
    const { definition, whole } = this.take
    const is = (steps: ReadonlyMap<string, Step>, { id }: Node) => steps.has(keyOf({ node: id, iteration }))
    const starts = nodes.filter((node) => is(this.#again, node) || is(this.#around, node))
    const behind = new Set(starts.flatMap(({ id }) => [...after(definition, id)].filter((other) => other !== id)))
    const seeds: Record<string, Seed> = {}
    for (const node of nodes) {
      const key = keyOf({ node: node.id, iteration })
      if (behind.has(node.id) || is(this.#again, node)) continue
      const settled = this.settled.get(key)
      if (settled !== undefined && !is(this.#around, node)) {
        seeds[node.id] = settled
        this.over(withInner(definition, [node.id]), iteration)
        continue
      }
      const begun = whole ? null : await this.#begun(node, iteration)
      if (begun !== null) seeds[node.id] = begun
    }
    return seeds
  }

  async #begun(node: Node, iteration: string): Promise<Begun | null> {
    const key = keyOf({ node: node.id, iteration })
    const kept = this.trace.kept.get(key)
    const begun = kept === undefined ? null : await this.blocks.of(node, iteration, kept)
    if (begun !== null) this.#open.add(key)
    return begun
  }

  /** The steps of the nodes given that are over, in a turn and in turns inside of it. */
  over(nodes: ReadonlySet<string>, iteration: string): Record<string, Settled> {
    const found = [...this.settled].filter(([key]) => {
      const [node = '', turn = ''] = key.split('#')
      return nodes.has(node) && isWithin(turn, iteration)
    })
    for (const [key] of found) this.taken.add(key)
    return Object.fromEntries(found)
  }

  /** The variables as they were when the first step began that runs again, with what taken over steps set since. */
  varsOf(final: JsonObject): JsonObject {
    const { changes, varsAt } = this.trace
    const first = changes.findIndex((change) => {
      const key = keyOf(change)
      return change.state === 'running' && !this.taken.has(key) && !this.#open.has(key)
    })
    if (first < 0) return final
    const vars = { ...varsAt.get(keyOf(changes[first] as Step)) }
    for (const change of changes.slice(first))
      if (change.state === 'completed' && this.taken.has(keyOf(change)) && this.kindOf(change.node) === 'set')
        Object.assign(vars, isObject(change.output) ? change.output : {})
    return vars
  }

  kindOf(id: string): string | undefined {
    return this.take.definition.nodes.find((node) => node.id === id)?.kind
  }
}

/** Whether an iteration is this turn, or a turn inside of it; `0` is outside of all, and around all. */
const isWithin = (iteration: string, turn: string): boolean =>
  turn === '0' || iteration === turn || iteration.startsWith(`${turn}.`)

/** What a step stands in, from the inside out. */
export function* containersOf({ nodes }: Definition, { node, iteration }: Step): Generator<Step> {
  const byId = new Map(nodes.map((one) => [one.id, one]))
  let turn = iteration
  for (let at = byId.get(byId.get(node)?.within ?? ''); at !== undefined; at = byId.get(at.within ?? '')) {
    if (kinds[at.kind]?.turns === true) turn = turn.split('.').slice(0, -1).join('.') || '0'
    yield { node: at.id, iteration: turn }
  }
}

/** What a step is called: by its title, and in a loop by its turn. */
export const nameOf = ({ nodes }: Definition, { node, iteration }: Step): string => {
  const drawn = nodes.find(({ id }) => id === node)
  const title = `“${drawn === undefined ? node : titleOf(drawn)}”`
  return iteration === '0' ? title : `${title} in turn ${iteration}`
}
