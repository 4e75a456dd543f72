import { durationMs } from '../duration.ts'
import { semantics, titleOf, type Json, type JsonObject, type Node } from '../definition.ts'
import type { Names } from '../expression.ts'
import { CarriedOn, Failure, Stopped, type Failing } from '../failure.ts'
import { canGoOn, type Kind, type Outcome } from '../kind.ts'
import { asText, resolve } from '../value.ts'
import { Executing } from './executing.ts'
import { keyOf, type Host, type NodeChange, type StepRef, type Token } from './host.ts'
import type { EngineInput } from './input.ts'
import { planOnly, planRegion, Plans } from './plan.ts'
import { promised } from './promised.ts'
import { Region, type Around, type Running } from './region.ts'
import { Pause } from './pause.ts'
import { howSettled, isBegun, seedOf, stateOf, takenIn } from './seeds.ts'
import { Skips } from './skips.ts'
import type { EngineEnd, EngineState, Message, NodeState } from './state.ts'
import { UndoStack } from './undo.ts'
import { initialOf } from '../variable.ts'
import { wayPast, waysBy } from './ways.ts'

/**
 * One run of a definition. It decides by nothing but the definition, its input and what the host answers, so the same
 * answers give the same run: in a workflow, in its replay, and where a history is read to draw what happened.
 */
export class Engine implements Around {
  readonly input: EngineInput
  readonly host: Host
  /** The number of the rules by which the run goes. */
  readonly rules: number
  readonly #kinds: Readonly<Record<string, Kind>>
  readonly plans: Plans
  readonly vars: JsonObject
  readonly messages: Message[]
  readonly undo: UndoStack
  readonly pause: Pause
  ended: { outcome: string; output: Json } | null
  #endNow = false
  #root!: Region
  #token!: Token
  draining = false
  readonly skips: Skips
  readonly #live = new Map<string, { token: Token; skip(way: string | null): void }>()
  readonly waiters = new Set<() => void>()
  readonly drainers = new Set<() => void>()
  /** Steps in flight that may take long: a history is not exchanged under them unless it must be. */
  long = 0

  constructor(kinds: Readonly<Record<string, Kind>>, input: EngineInput, host: Host) {
    this.#kinds = kinds
    this.input = input
    this.host = host
    this.rules = input.semantics ?? semantics
    this.plans = new Plans(input.definition)
    const { state } = input
    this.vars = state?.vars ?? input.page?.vars ?? { ...initialOf(input.definition), ...input.seed?.vars }
    this.messages = state?.messages ?? []
    this.undo = new UndoStack(host, state?.undo)
    this.ended = state?.ended ?? null
    this.pause = new Pause(state, this.rules < 3)
    this.skips = new Skips(state?.skips ?? input.page?.skips)
  }

  async run(): Promise<EngineEnd> {
    const { definition, page, state } = this.input
    this.#token = this.host.token(null)
    const limit = durationMs(definition.settings?.timeout)
    const timer = this.host.token(this.#token)
    let late = false
    if (limit !== null && page === undefined) {
      const startedAt = Date.parse(asText(this.input.run['startedAt'] ?? null))
      const left = Math.max(startedAt + limit - this.host.now(), 0)
      this.host.sleep({ node: 'run', iteration: '0', title: 'Time limit' }, left, 'The run’s time limit', timer).then(
        () => {
          late = true
          return this.#token.stop()
        },
        () => {},
      )
    }
    const names: Names = { ...page?.names, input: this.input.input }
    const plan = page === undefined ? planRegion(definition, null) : planOnly(definition, page.node)
    this.#root = new Region(this, plan, page?.iteration ?? '0', this.names(names), this.host.token(this.#token))
    try {
      const body = await this.#root.run(state?.root)
      return this.#completed(body.output)
    } catch (error) {
      if (error instanceof CarriedOn) return { end: 'carried_on', state: this.#state() }
      if (this.#endNow && error instanceof Stopped) return this.#completedAtOnce()
      if (late) return this.#failed(new Failure('timed_out', 'The run took longer than its settings allow.'))
      if (error instanceof Failure) return this.#failed(error)
      if (error instanceof Stopped) return { end: 'stopped', undone: await this.undo.all('The run was cancelled.') }
      throw error
    } finally {
      timer.stop()
    }
  }

  /** What every expression of the run sees, with what its place adds. */
  names(more: Names): Names {
    return { ...more, vars: this.vars, run: this.input.run }
  }

  #completed(output: Json): EngineEnd {
    const [vars, undo] = [this.vars, this.undo.state()]
    if (this.input.page !== undefined) return { end: 'completed', outcome: null, output, vars, undo }
    return { end: 'completed', outcome: this.ended?.outcome ?? null, output: this.#output(), vars, undo }
  }

  #completedAtOnce(): EngineEnd | Promise<EngineEnd> {
    try {
      return this.#completed(null)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (this.input.until === undefined) return this.#failed(error)
      // a test that ends early has not come to all that the result names
      return { end: 'completed', outcome: null, output: null, vars: this.vars, undo: [] }
    }
  }

  #output(): Json {
    if (this.ended !== null && this.ended.output !== null) return this.ended.output
    const { output } = this.input.definition
    return output === undefined ? null : resolve(output, this.#root.names)
  }

  async #failed(failure: Failure): Promise<EngineEnd> {
    return { end: 'failed', failing: failure.failing, undone: await this.undo.all(failure.message) }
  }

  /** The run was cancelled from outside. */
  stop(): void {
    this.#token.stop()
  }

  /** Ends the run at once, as completed. */
  endNow(): void {
    this.#endNow = true
    this.#token.stop()
  }

  deliver(message: Message): void {
    this.messages.push(message)
    this.poke()
  }

  /** Delivers a message that carries an id, unless that step has had it already. */
  deliverOnce(message: Message): void {
    const { node, type, data } = message
    const known = this.messages.some((one) => one.node === node && one.type === type && one.data['id'] === data['id'])
    if (!known) this.deliver(message)
  }

  get paused(): boolean {
    return this.pause.on
  }

  /** A node is passed over: the one at work is stopped, one that has not begun never does. */
  skip(step: string, way: string | null = null): void {
    const live = this.#live.get(step)
    if (live === undefined) this.skips.ask(step, way)
    else live.skip(way)
  }

  isLive(step: string): boolean {
    return this.#live.has(step)
  }

  /** Whether a node has ended in a turn that is known of. */
  isThrough(node: string, iteration: string): boolean {
    return this.#root.isThrough(node, iteration)
  }

  isPaged(loop: string): boolean {
    return this.#root.isPaged(loop)
  }

  setVariables(values: JsonObject): void {
    Object.assign(this.vars, values)
    this.poke()
  }

  poke(): void {
    for (const check of Array.from(this.waiters)) check()
  }

  /** Begins nothing new and ends what only waits, so that the run can go on in a fresh history. */
  drain(): void {
    if (this.draining) return
    this.draining = true
    for (const carry of Array.from(this.drainers)) carry()
    this.#root.drain()
  }

  #state(): EngineState {
    const { vars, ended, messages } = this
    const [root, undo, skips] = [this.#root.snapshot(), this.undo.state(), this.skips.state()]
    return { root, vars, undo, ended, messages, ...this.pause.state(), skips }
  }

  token(parent: Token): Token {
    return this.host.token(parent)
  }

  mayBegin(begin: () => void): boolean {
    return this.pause.mayBegin(begin)
  }

  instead(region: Region, node: Node): NodeState | null {
    const seed = seedOf(this.input, node)
    if (seed !== undefined) return stateOf(this.input.definition, seed)
    const pinned = this.input.pins?.[node.id]
    const ways = pinned === undefined ? [] : waysBy(this.kind(node), node, pinned, this.rules)
    if (pinned !== undefined) return { at: 'done', ports: ways, output: pinned, seeded: true }
    if (node.disabled === true) return { at: 'done', ...this.#passed(region, node, null) }
    const skip = this.skips.take(keyOf({ node: node.id, iteration: region.iteration }))
    return skip === null ? null : { at: 'done', ...this.#passed(region, node, skip.way) }
  }

  taken(region: Region, node: Node): void {
    const seed = seedOf(this.input, node)
    if (seed === undefined || !isBegun(seed)) return
    for (const { step, change } of takenIn(this.input.definition, this.#kinds, node, region.iteration, seed))
      this.#tell(step, change)
  }

  goesOn(node: Node): boolean {
    const kind = this.#kinds[node.kind]
    return node.continueOnError === true && (this.rules < 2 || (kind !== undefined && canGoOn(kind, node)))
  }

  /** What a node comes to that is passed over. By the first rules it was undone as if it had been executed. */
  #passed(region: Region, node: Node, way: string | null): Outcome {
    if (this.rules < 2) this.undo.done(region, node, null)
    return { ports: [way ?? wayPast(this.kind(node), node)], output: null }
  }

  kind(node: Node): Kind {
    const kind = this.#kinds[node.kind]
    if (kind === undefined) throw new Failure('unknown_kind', `There is no kind of node called “${node.kind}”.`)
    return kind
  }

  execute(region: Region, node: Node, running: Running): Outcome | Promise<Outcome> {
    const step: StepRef = { node: node.id, iteration: region.iteration, title: titleOf(node) }
    const kind = this.kind(node)
    this.#tell(step, { state: 'running', kept: running.kept })
    const it = new Executing(this, region, node, kind, step, running)
    if (kind.pure) {
      const outcome = kind.run(it) as Outcome
      this.undo.done(region, node, outcome.output)
      return outcome
    }
    this.undo.begun(region, node)
    const key = keyOf(step)
    let skipped: { way: string | null } | null = null
    this.#live.set(key, {
      token: running.token,
      skip: (way) => {
        skipped = { way }
        running.token.stop()
      },
    })
    return it
      .work(() => promised(() => kind.run(it)))
      .then(
        (outcome) => {
          this.#live.delete(key)
          this.undo.done(region, node, outcome.output)
          return outcome
        },
        (error: unknown) => {
          this.#live.delete(key)
          if (skipped !== null && error instanceof Stopped) return this.#passed(region, node, skipped.way)
          throw error
        },
      )
  }

  settled(region: Region, node: Node, state: NodeState): void {
    const step: StepRef = { node: node.id, iteration: region.iteration, title: titleOf(node) }
    if (state.at === 'skipped') this.#tell(step, { state: 'skipped' })
    if (state.at !== 'done') return
    const { ports, output, failing } = state
    if (failing !== undefined) this.#tell(step, { state: 'failed', ports, failing })
    else this.#tell(step, { state: howSettled(node, output, state.seeded), ports, output })
    if (this.input.until === node.id) this.endNow()
    const long = this.draining ? 'no' : this.host.long()
    if (long === 'now' || (long === 'soon' && this.long === 0)) this.drain()
  }

  failed(region: Region, node: Node, failing: Failing | null): void {
    const step: StepRef = { node: node.id, iteration: region.iteration, title: titleOf(node) }
    this.#tell(step, failing === null ? { state: 'stopped' } : { state: 'failed', failing })
  }

  #tell(step: StepRef, change: Omit<NodeChange, keyof StepRef | 'at'>): void {
    this.host.changed?.({ ...step, at: this.host.now(), ...change })
  }
}
