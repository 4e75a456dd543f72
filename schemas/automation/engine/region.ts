import { portOf, type Json, type JsonObject, type Node } from '../definition.ts'
import type { Names } from '../expression.ts'
import { CarriedOn, Failure, Stopped, type Failing } from '../failure.ts'
import type { Body, Outcome } from '../kind.ts'
import type { Token } from './host.ts'
import type { RegionPlan } from './plan.ts'
import type { NodeState, RegionState } from './state.ts'

/** A node at work, with what of it survives a change of history. */
export type Running = {
  token: Token
  kept: JsonObject
  bodies: Map<string, Region>
  saved: Record<string, RegionState>
}

/** What a region asks of its engine. */
export interface Around {
  readonly draining: boolean
  /** Whether a node may begin now; if not, `begin` is called when it may. */
  mayBegin(begin: () => void): boolean
  /** Settles a node without executing it (seeded, pinned, disabled, skipped by a person), or says how far it had come. */
  instead(region: Region, node: Node): NodeState | null
  /** A node goes on from where an earlier run left off. */
  taken(region: Region, node: Node): void
  execute(region: Region, node: Node, running: Running): Outcome | Promise<Outcome>
  /** Whether a node goes on when it has failed and no port takes that. */
  goesOn(node: Node): boolean
  token(parent: Token): Token
  settled(region: Region, node: Node, state: NodeState): void
  /** A node failed and nothing takes it, or, without a failing, it was stopped. */
  failed(region: Region, node: Node, failing: Failing | null): void
}

/**
 * Walks one acyclic part of a graph. A node begins when every edge into it is decided and one of them is alive; when all
 * are dead it is skipped, and so are the edges out of it. So a join waits for exactly its live predecessors, and each
 * node begins once at the most. The first failure that no error port takes ends what still runs, then the region.
 */
export class Region {
  readonly plan: RegionPlan
  readonly iteration: string
  readonly token: Token
  /** What expressions of its nodes see; `steps` and `errors` grow as nodes settle. */
  readonly names: Names & { steps: Record<string, Json>; errors: Record<string, Failing> }
  readonly #around: Around
  readonly #states = new Map<string, NodeState>()
  readonly #running = new Map<string, Running>()
  readonly #held = new Set<string>()
  /** Nodes that stopped waiting, to wait on in the next history. */
  readonly #carried = new Set<string>()
  #left = 0
  #failure: { error: unknown } | null = null
  #pumping = false
  readonly #queue: string[] = []
  readonly #done = Promise.withResolvers<Body>()

  constructor(around: Around, plan: RegionPlan, iteration: string, names: Names, token: Token) {
    this.plan = plan
    this.iteration = iteration
    this.token = token
    this.#around = around
    this.names = {
      ...names,
      steps: { ...(names.steps as Record<string, Json> | undefined) },
      errors: { ...(names.errors as Record<string, Failing> | undefined) },
    }
  }

  /** Runs to its end, from where `state` left off; rejects with `CarriedOn` when it is to go on in a fresh history. */
  run(state?: RegionState): Promise<Body> {
    for (const node of this.plan.nodes) {
      const known = state?.nodes[node.id]
      if (known === undefined || known.at === 'running') continue
      this.#know(node, known)
    }
    for (const node of this.plan.nodes) {
      const known = state?.nodes[node.id]
      if (known?.at === 'running') this.#launch(node, known)
      else this.#queue.push(node.id)
    }
    this.token.onStop(() => {
      this.#held.clear()
      this.#failure ??= { error: new Stopped() }
      this.#finish()
    })
    this.#pump()
    return this.#done.promise
  }

  /** Where each of its nodes stands, to go on from in a fresh history. */
  snapshot(): RegionState {
    const nodes: Record<string, NodeState> = Object.fromEntries(this.#states)
    for (const [id, { kept, bodies, saved }] of this.#running)
      nodes[id] = {
        at: 'running',
        kept,
        bodies: {
          ...saved,
          ...Object.fromEntries([...bodies].map(([key, region]) => [key, region.snapshot()])),
        },
      }
    return { nodes }
  }

  /** Whether a node has ended in the turn named, here or in a body that is at work. */
  isThrough(node: string, iteration: string): boolean {
    if (this.iteration === iteration && this.#states.has(node)) return true
    for (const { bodies } of this.#running.values()) {
      const open = [...bodies.values()]
      if (open.some((body) => body.isThrough(node, iteration))) return true
      // turns begin in order, so one that is before an open turn and not open itself is over
      const turns = open.filter((body) => body.plan.byId.has(node)).map((body) => body.iteration)
      if (!turns.includes(iteration) && turns.some((turn) => isLater(turn, iteration))) return true
    }
    return false
  }

  /** Whether the turns of a loop are being worked through by runs of their own. */
  isPaged(loop: string): boolean {
    for (const [id, { kept, bodies }] of this.#running) {
      if (id === loop && kept['paged'] === true) return true
      if ([...bodies.values()].some((body) => body.isPaged(loop))) return true
    }
    return false
  }

  #know(node: Node, state: NodeState): void {
    this.#states.set(node.id, state)
    if (state.at !== 'done') return
    this.names.steps[node.id] = state.output
    if (state.failing !== undefined) this.names.errors[node.id] = state.failing
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    for (let id = this.#queue.shift(); id !== undefined; id = this.#queue.shift()) this.#decide(id)
    this.#pumping = false
    this.#finish()
  }

  #decide(id: string): void {
    if (this.#failure !== null || this.#states.has(id) || this.#running.has(id) || this.#held.has(id)) return
    const node = this.plan.byId.get(id)
    if (node === undefined) return
    const into = this.plan.into.get(id) ?? []
    if (!into.every((edge) => this.#states.has(edge.from))) return
    const alive = this.plan.entries.has(id) || into.some((edge) => this.#isAlive(edge.from, portOf(edge)))
    if (!alive) this.#settle(node, { at: 'skipped' })
    else this.#begin(node)
  }

  #isAlive(from: string, port: string): boolean {
    const state = this.#states.get(from)
    return state?.at === 'done' && state.ports.includes(port)
  }

  #begin(node: Node): void {
    if (this.#around.draining) {
      this.#left++
      return
    }
    const instead = this.#around.instead(this, node)
    if (instead !== null && instead.at !== 'running') return this.#settle(node, instead)
    const may = this.#around.mayBegin(() => {
      if (!this.#held.delete(node.id)) return
      if (this.#failure === null && !this.token.stopped) this.#begin(node)
      this.#pump()
    })
    if (!may) this.#held.add(node.id)
    else if (instead === null) this.#launch(node)
    else {
      this.#around.taken(this, node)
      this.#launch(node, instead)
    }
  }

  #launch(node: Node, from?: Extract<NodeState, { at: 'running' }>): void {
    const running: Running = {
      token: this.#around.token(this.token),
      kept: { ...from?.kept },
      bodies: new Map(),
      saved: { ...from?.bodies },
    }
    this.#running.set(node.id, running)
    let outcome: Outcome | Promise<Outcome>
    try {
      outcome = this.#around.execute(this, node, running)
    } catch (error) {
      return this.#failed(node, error)
    }
    if (!(outcome instanceof Promise)) return this.#settle(node, { at: 'done', ...outcome })
    outcome.then(
      (made) => this.#settle(node, { at: 'done', ...made }),
      (error: unknown) => this.#failed(node, error),
    )
  }

  #settle(node: Node, state: Exclude<NodeState, { at: 'running' }>): void {
    this.#running.delete(node.id)
    this.#know(node, state)
    // first, so that a drain that begins right here does not take the region for done
    for (const edge of this.plan.from.get(node.id) ?? []) this.#queue.push(edge.to)
    this.#around.settled(this, node, state)
    this.#pump()
  }

  #failed(node: Node, error: unknown): void {
    if (error instanceof CarriedOn && this.#failure === null) {
      // it stays among the running: its state goes over into the next history
      this.#carried.add(node.id)
      return this.#finish()
    }
    let thrown = error
    if (error instanceof Failure) {
      const failing: Failing = { node: node.id, ...error.failing }
      const port = this.#portFor(node, failing.code)
      if (port !== null) return this.#settle(node, { at: 'done', ports: [port], output: null, failing })
      this.#around.failed(this, node, failing)
      thrown = new Failure(failing.code, failing.message, failing)
    } else if (error instanceof Stopped) this.#around.failed(this, node, null)
    this.#running.delete(node.id)
    // a fault of ours is never taken for an end: the workflow task fails, and goes on once it is mended
    const ours = !(error instanceof Failure || error instanceof Stopped || error instanceof CarriedOn)
    if (ours || this.#failure === null) this.#failure = { error: thrown }
    for (const id of this.#carried) this.#running.delete(id)
    this.token.stop()
    this.#pump()
  }

  /** The port that takes a failure: one typed by its code, else the one for all, else the way on where that is wanted. */
  #portFor(node: Node, code: string): string | null {
    const from = this.plan.from.get(node.id) ?? []
    for (const port of [`error:${code}`, 'error']) if (from.some((edge) => portOf(edge) === port)) return port
    return this.#around.goesOn(node) ? 'out' : null
  }

  /** Called when the engine begins to drain: what is held back now is left for the next history. */
  drain(): void {
    for (const { bodies } of this.#running.values()) for (const region of bodies.values()) region.drain()
    this.#finish()
  }

  #finish(): void {
    if (this.#pumping || this.#queue.length > 0) return
    const busy = this.#running.size
    if (this.#failure !== null) {
      if (busy === 0) this.#done.reject(this.#failure.error)
      return
    }
    if (this.#around.draining && this.#carried.size + this.#left + this.#held.size > 0) {
      if (busy === this.#carried.size) this.#done.reject(new CarriedOn())
      return
    }
    if (busy > 0 || this.#held.size > 0) return
    this.#done.resolve(this.#body())
  }

  #body(): Body {
    const outputs: JsonObject = {}
    const tails: [string, Json][] = []
    for (const { id } of this.plan.nodes) {
      const state = this.#states.get(id)
      if (state?.at !== 'done') continue
      outputs[id] = state.output
      const goesOn = (this.plan.from.get(id) ?? []).some((edge) => state.ports.includes(portOf(edge)))
      if (!goesOn) tails.push([id, state.output])
    }
    const output = tails.length === 1 ? (tails[0] as [string, Json])[1] : Object.fromEntries(tails)
    return { outputs, output: tails.length === 0 ? null : output }
  }
}

/** Whether a turn comes after another one of the same loop. */
const isLater = (turn: string, other: string): boolean => {
  const [mine, theirs] = [turn.split('.').map(Number), other.split('.').map(Number)]
  const [at = 0, before = 0] = [mine.pop(), theirs.pop()]
  return at > before && mine.join() === theirs.join()
}
