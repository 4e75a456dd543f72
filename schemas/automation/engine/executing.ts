import type { Json, JsonObject, Node, Value } from '../definition.ts'
import { durationMs } from '../duration.ts'
import { evaluate, type Names } from '../expression.ts'
import { CarriedOn, Failure, Stopped } from '../failure.ts'
import type { Act, Branch, Child, Execution, Kind, Outcome, Page } from '../kind.ts'
import { canonical } from '../json.ts'
import { pauseAfter } from '../again.ts'
import { withInner } from '../reach.ts'
import { isCel, resolve } from '../value.ts'
import { misfitOf } from '../variable.ts'
import { beginRun, pageEnd, pageOf } from './beginning.ts'
import type { Engine } from './engine.ts'
import { keyOf, type ChildStart, type StepRef, type Token } from './host.ts'
import { Region, type Running } from './region.ts'
import { innerOf } from './seeds.ts'

/** A step that may take longer than this is not waited for when a history is to be exchanged. */
const longMs = 600_000

/** One node at work: what its kind sees of the engine. */
export class Executing implements Execution {
  readonly node: Node
  readonly names: Names
  readonly kept: JsonObject
  readonly step: StepRef
  readonly #engine: Engine
  readonly #kind: Kind
  readonly #running: Running
  readonly #token: Token

  constructor(engine: Engine, region: Region, node: Node, kind: Kind, step: StepRef, running: Running) {
    this.#engine = engine
    this.#kind = kind
    this.node = node
    this.names = region.names
    this.step = step
    this.#running = running
    this.kept = running.kept
    this.#token = running.token
  }

  get iteration(): string {
    return this.step.iteration
  }

  get test(): boolean {
    return this.#engine.input.test === true
  }

  /** The items given to this node where its run works them through for another one, or is a test with one item. */
  get given(): { items: Json[]; from: number; concurrency: number } | null {
    const { page, items = {} } = this.#engine.input
    if (page !== undefined && page.node === this.node.id) return page
    return this.node.id in items ? { items: [items[this.node.id] ?? null], from: 0, concurrency: 1 } : null
  }

  readonly vars = {
    get: (): JsonObject => this.#engine.vars,
    set: (values: JsonObject): void => {
      const { rules, input } = this.#engine
      for (const variable of rules < 2 ? [] : (input.definition.variables ?? [])) {
        const misfit = Object.hasOwn(values, variable.name)
          ? misfitOf(variable, values[variable.name] ?? null)
          : undefined
        if (misfit !== undefined) throw new Failure('field_invalid', misfit)
      }
      this.#engine.variables.set(values)
    },
  }

  field(name: string): Json {
    return resolve(this.node.with?.[name], this.#now())
  }

  resolve(value: unknown, more: Partial<Names> = {}): Json {
    return resolve(value as Value, { ...this.#now(), ...more })
  }

  #now(): Names {
    return { ...this.names, now: new Date(this.#engine.host.now()) }
  }

  now(): number {
    return this.#engine.host.now()
  }

  /** Does the work of the node within its time limit. */
  work(run: () => Promise<Outcome>): Promise<Outcome> {
    return this.node.timeout === undefined || this.#kind.long !== true ? run() : this.#within(run)
  }

  async #within(run: () => Promise<Outcome>): Promise<Outcome> {
    const ms = this.#timeout()
    const { host } = this.#engine
    const deadline = typeof this.kept['deadline'] === 'number' ? this.kept['deadline'] : host.now() + ms
    this.kept['deadline'] = deadline
    const timer = host.token(null)
    let late = false
    host.sleep(this.step, Math.max(deadline - host.now(), 0), 'Time limit', timer).then(
      () => {
        late = true
        return this.#token.stop()
      },
      () => {},
    )
    try {
      return await run()
    } catch (error) {
      if (late && error instanceof Stopped) throw new Failure('timed_out', `“${this.step.title}” took too long.`)
      throw error
    } finally {
      timer.stop()
    }
  }

  #timeout(): number {
    const { timeout } = this.node
    const ms = durationMs(isCel(timeout) ? evaluate(timeout.cel, this.#now()) : timeout)
    if (ms === null) throw new Failure('field_invalid', `The time limit of “${this.step.title}” is no duration.`)
    return ms
  }

  act(activity: string, input: JsonObject, options: Act): Promise<Json> {
    const { node } = this
    const engine = this.#engine
    const allMs = node.timeout !== undefined && this.#kind.long !== true ? this.#timeout() : options.allMs
    const work = () =>
      engine.host.act(
        this.step,
        activity,
        input,
        {
          ...options,
          ...(allMs === undefined ? {} : { allMs }),
          retry: node.retry,
          ...(node.cache === undefined || this.#kind.can?.cache !== true ? {} : { cache: this.#cache(node.cache) }),
        },
        options.detached === true ? engine.host.token(null) : this.#token,
      )
    return (allMs ?? options.tryMs ?? 0) > longMs ? this.#long(work) : work()
  }

  /** What another version has the step do is something else, whatever its key says. */
  #cache(cache: NonNullable<Node['cache']>): { key: string; forMs: number } {
    const { kind, with: fields = {} } = this.node
    return { key: canonical([kind, fields, this.resolve(cache.key)]), forMs: durationMs(cache.for) ?? 0 }
  }

  wait(until: number | null, told?: () => boolean, title = this.step.title): Promise<'time' | 'told'> {
    const engine = this.#engine
    const { host } = engine
    const token = host.token(this.#token)
    const { promise, resolve, reject } = Promise.withResolvers<'time' | 'told'>()
    let over = false
    const end = (how: () => void) => {
      if (over) return
      over = true
      engine.waiters.delete(check)
      engine.drainers.delete(carry)
      token.stop()
      how()
    }
    const check = () => {
      try {
        if (told?.() === true) end(() => resolve('told'))
      } catch (error) {
        end(() => reject(error))
      }
    }
    const carry = () => end(() => reject(new CarriedOn()))
    engine.waiters.add(check)
    engine.drainers.add(carry)
    check()
    if (engine.draining) carry()
    if (over) return promise
    token.onStop(() => end(() => reject(new Stopped())))
    if (until !== null)
      host.sleep(this.step, Math.max(until - host.now(), 0), title, token).then(
        () => end(() => resolve('time')),
        (error: unknown) => end(() => reject(error)),
      )
    return promise
  }

  turned(turn: number, item?: Json): string {
    const iteration = innerOf(this.#kind, this.step.iteration, turn)
    this.#engine.host.turned?.({ node: this.node.id, iteration, item, kept: this.kept })
    return iteration
  }

  body(port: string, turn: number, names: Partial<Names>, about?: Json): Branch {
    const engine = this.#engine
    const key = `${port}/${turn}`
    const region = new Region(
      engine,
      engine.plans.of(this.node.id, port),
      this.turned(turn, about),
      { ...this.names, ...names },
      engine.host.token(this.#token),
    )
    const saved = this.#running.saved[key]
    delete this.#running.saved[key]
    this.#running.bodies.set(key, region)
    const done = region.run(saved)
    done.then(
      () => this.#running.bodies.delete(key),
      (error: unknown) => {
        if (!(error instanceof CarriedOn)) this.#running.bodies.delete(key)
      },
    )
    return { done, stop: () => region.token.stop() }
  }

  async child(child: Child): Promise<Json> {
    return this.#long(() => this.#begin(child))
  }

  async page(page: Page): Promise<{ outputs: Json[]; vars: JsonObject }> {
    const engine = this.#engine
    const before = { ...engine.vars }
    const start = { page: pageOf(engine, this.step, this.names, page) }
    const { output, vars, undo, heard } = pageEnd(await this.#long(() => this.#begin(start)))
    engine.undo.take(undo)
    const changed = Object.entries(vars).filter(([name, value]) => before[name] !== value)
    return {
      outputs: output,
      vars: heard === undefined ? Object.fromEntries(changed) : engine.variables.of({ vars, heard }),
    }
  }

  #begin(start: ChildStart): Promise<Json> {
    return beginRun(this.#engine, this.step, this.#token, start)
  }

  again(failure: Failure, tries: number): number | null {
    return this.#engine.rules < 2 ? null : pauseAfter(this.node.retry, tries, failure.failing)
  }

  get setsVariables(): boolean {
    const { rules, input } = this.#engine
    const inner = withInner(input.definition, [this.node.id])
    return rules > 1 && input.definition.nodes.some(({ id, kind }) => kind === 'set' && inner.has(id))
  }

  async #long<T>(work: () => Promise<T>): Promise<T> {
    this.#engine.long++
    try {
      return await work()
    } finally {
      this.#engine.long--
    }
  }

  messages(type: string): readonly JsonObject[] {
    const key = keyOf(this.step)
    return this.#engine.messages.filter((one) => one.node === key && one.type === type).map((one) => one.data)
  }

  async compensate(why: string, nodes?: readonly string[]): Promise<Json> {
    return this.#engine.undo.all(why, nodes)
  }

  keep(nodes?: readonly string[]): Json {
    return this.#engine.undo.keep(nodes)
  }

  end(outcome: string, output: Json, atOnce: boolean): void {
    this.#engine.ended ??= { outcome, output }
    if (atOnce) this.#engine.endNow()
  }
}
