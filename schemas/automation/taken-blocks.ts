import type { Definition, Json, JsonObject, Node } from './definition.ts'
import { keyOf } from './engine/host.ts'
import type { Begun, Settled } from './engine/input.ts'
import { planRegion } from './engine/plan.ts'
import { innerOf } from './engine/seeds.ts'
import { kinds } from './kinds/index.ts'
import { pageSize } from './kinds/loop.ts'
import { branchesOf } from './kinds/parallel.ts'
import { withInner } from './reach.ts'
import type { Taking } from './taken.ts'

type Known = Record<string, Json>
const inTheirOrder = (numbers: Iterable<number>): number[] => [...new Set(numbers)].toSorted((a, b) => a - b)

/** How far loops and blocks had come that a new run goes on with. */
export class TakenBlocks {
  readonly #taking: Taking

  constructor(taking: Taking) {
    this.#taking = taking
  }

  /** Null for what has no body, and for a loop that cannot be entered again where it stood: it runs again as a whole. */
  async of(node: Node, iteration: string, kept: JsonObject): Promise<Begun | null> {
    if (node.kind === 'parallel') return this.#branches(node, iteration, kept)
    if (node.kind !== 'loop') return null
    if (node.with?.['over'] === 'while') return this.#repeated(node, iteration)
    if (kept['paged'] === true) return this.#pages(node, iteration, kept)
    return this.turns(node, iteration, kept, 0)
  }

  get #definition(): Definition {
    return this.#taking.take.definition
  }

  async #branches(node: Node, iteration: string, kept: JsonObject): Promise<Begun> {
    const taking = this.#taking
    const over: Record<string, Settled> = {}
    const bodies: Begun['bodies'] = {}
    // one that failed as a whole gives each of its branches another try
    const through = taking.settled.has(keyOf({ node: node.id, iteration }))
    const [done, failed] = [{ ...(kept['done'] as Known) }, through ? { ...(kept['failed'] as Known) } : {}]
    for (const { port } of branchesOf(node)) {
      const { nodes } = planRegion(this.#definition, { container: node.id, port })
      const inner = withInner(
        this.#definition,
        nodes.map(({ id }) => id),
      )
      const anew = taking.runsAgainIn(inner, iteration)
      if (!anew && (port in done || port in failed)) Object.assign(over, taking.over(inner, iteration))
      else {
        delete done[port]
        delete failed[port]
        bodies[`${port}/0`] = await taking.region(nodes, iteration)
      }
    }
    const first = typeof kept['first'] === 'string' && kept['first'] in done ? { first: kept['first'] } : {}
    return { kind: node.kind, kept: { done, failed, ...first }, bodies, over }
  }

  /** The turns of a list; those of a page begin behind `from`. */
  async turns(node: Node, iteration: string, kept: JsonObject, from: number): Promise<Begun> {
    const taking = this.#taking
    const { nodes, inner, turnOf } = this.#body(node, iteration)
    const before = (kept['results'] ?? {}) as Known
    const [results, over, bodies]: [Known, Record<string, Settled>, Begun['bodies']] = [{}, {}, {}]
    const known = Object.keys(before).map((at) => Number(at) + from + 1)
    for (const turn of inTheirOrder([...known, ...this.#begunTurns(node, iteration)])) {
      const at = String(turn - from - 1)
      if (at in before && !taking.runsAgainIn(inner, turnOf(turn))) {
        results[at] = before[at] ?? null
        Object.assign(over, taking.over(inner, turnOf(turn)))
        continue
      }
      bodies[`each/${turn}`] = await taking.region(nodes, turnOf(turn))
      // what a turn sets is what those behind it begin with
      if (this.sets(node)) break
    }
    const items = kept['items'] === undefined ? {} : { items: kept['items'] }
    return { kind: node.kind, kept: { ...items, results }, bodies, over }
  }

  /** A loop that asks before each turn: from the first turn on of which something runs again, or the one it was at. */
  async #repeated(node: Node, iteration: string): Promise<Begun | null> {
    const taking = this.#taking
    const { nodes, inner, turnOf } = this.#body(node, iteration)
    const begun = this.#begunTurns(node, iteration)
    const at = begun.find((turn) => taking.runsAgainIn(inner, turnOf(turn))) ?? begun.at(-1) ?? 0
    const kept = taking.trace.keptAt.get(keyOf({ node: node.id, iteration: turnOf(at) }))
    if (kept === undefined) return null
    const over = begun.filter((turn) => turn < at).map((turn) => taking.over(inner, turnOf(turn)))
    const bodies = { [`each/${at}`]: await taking.region(nodes, turnOf(at)) }
    return { kind: node.kind, kept, bodies, over: Object.assign({}, ...over) as Begun['over'] }
  }

  async #pages(node: Node, iteration: string, kept: JsonObject): Promise<Begun> {
    const taking = this.#taking
    const { inner, turnOf } = this.#body(node, iteration)
    const items = kept['items'] as Json[]
    const before = (kept['pages'] ?? {}) as Known
    const runs = taking.trace.pages.get(keyOf({ node: node.id, iteration }))
    const [pages, begun]: [Known, Record<string, Begun>] = [{}, {}]
    for (let from = 0; from < items.length; from += pageSize) {
      const turns = Array.from({ length: Math.min(pageSize, items.length - from) }, (_, n) => turnOf(from + n + 1))
      const anew = taking.undoneIn(node.id) || turns.some((turn) => taking.runsAgainIn(inner, turn))
      if (String(from) in before && !anew) {
        pages[from] = before[from] ?? null
        continue
      }
      const page = await this.#page(node, iteration, from, runs?.get(from))
      if (page !== null) begun[from] = page
      if (this.sets(node)) break
    }
    const goesOn = begun as unknown as JsonObject
    return { kind: node.kind, kept: { paged: true, items, pages, begun: goesOn }, bodies: {}, over: {} }
  }

  async #page(node: Node, iteration: string, from: number, run: string | undefined): Promise<Begun | null> {
    const taking = run === undefined ? null : await this.#taking.page(run)
    const kept = taking?.trace.kept.get(keyOf({ node: node.id, iteration }))
    if (taking === null || kept === undefined) return null
    const begun = await taking.blocks.turns(node, iteration, kept, from)
    // pages that set something go one by one, so no other one has set anything meanwhile
    if (this.sets(node)) this.#taking.vars = taking.varsOf(taking.trace.vars)
    for (const key of taking.taken) this.#taking.taken.add(key)
    return begun
  }

  #body(node: Node, iteration: string) {
    const { nodes } = planRegion(this.#definition, { container: node.id, port: 'each' })
    const inner = withInner(
      this.#definition,
      nodes.map(({ id }) => id),
    )
    return { nodes, inner, turnOf: (turn: number) => innerOf(kinds[node.kind], iteration, turn) }
  }

  /** The turns that had begun, in their order. */
  #begunTurns(node: Node, iteration: string): number[] {
    const { nodes } = this.#body(node, iteration)
    const inner = new Set(nodes.map(({ id }) => id))
    const prefix = iteration === '0' ? '' : `${iteration}.`
    const steps = this.#taking.trace.changes.filter((one) => inner.has(one.node) && one.iteration.startsWith(prefix))
    return inTheirOrder(steps.map((one) => Number(one.iteration.slice(prefix.length).split('.')[0])))
  }

  sets(node: Node): boolean {
    const inner = withInner(this.#definition, [node.id])
    return this.#definition.nodes.some(({ id, kind }) => kind === 'set' && inner.has(id))
  }
}
