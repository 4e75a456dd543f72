import { Failure } from '../automation/failure.ts'
import { Clock } from './clock.ts'
import type { Facts } from './facts.ts'
import { Prompt } from './prompt.ts'
import { valueOfTag } from './tags.ts'
import { structs, budgetStruct, type Struct } from './variables.ts'

/**
 * How many characters of prompts one decision may read; text that is looked through for a pattern counts `patternCost`
 * times. Whatever rules a tenant writes, nobody else waits long for them.
 */
export const mostRead = 16_000_000
export const patternCost = 200

/** Decisions are made one at a time and at one go, so one meter is enough. */
let left = mostRead

export const startMeter = (): void => {
  left = mostRead
}
export const charge = (characters: number): void => {
  left -= characters
  if (left < 0) throw new Failure('expression_failed', 'The rules have read as much of the prompt as one decision may.')
}

export class MeteredPrompt extends Prompt {
  override get text(): string {
    const said = super.text
    charge(said.length)
    return said
  }
  override get last(): string {
    const said = super.last
    charge(said.length)
    return said
  }
}

type Fields = Record<string, unknown>
type View = new (of: object) => object

/** A class whose objects show fields of another object: the expression language tells types by their class. */
const viewOf = ({ fields }: Struct): View => {
  class Shown {
    readonly of: Fields
    constructor(of: object) {
      this.of = of as Fields
    }
  }
  for (const [name, { type }] of Object.entries(fields))
    Object.defineProperty(Shown.prototype, name, {
      get:
        type === 'Budget'
          ? function (this: Shown) {
              return new views.Budget(this.of[name] as object)
            }
          : function (this: Shown) {
              return this.of[name]
            },
    })
  return Shown
}

/** The classes of what conditions see, by the names of their types. */
export const views: Record<'Request' | 'Tenant' | 'Key' | 'User' | 'Team' | 'Budgets' | 'Budget', View> = {
  Request: viewOf(structs.request),
  Tenant: viewOf(structs.tenant),
  Key: viewOf(structs.key),
  User: viewOf(structs.user),
  Team: viewOf(structs.team),
  Budgets: viewOf(structs.budget),
  Budget: viewOf(budgetStruct),
}

/** What the rules of one decision look at. What is costly is worked out when it is first read. */
export class Scene {
  readonly facts: Facts
  /** The entry of a list at which a loop is. */
  item = ''
  #prompt: Prompt | undefined
  #now: Clock | undefined
  #clocks: Map<string, Clock> | undefined
  #names: object | undefined

  constructor(facts: Facts) {
    this.facts = facts
  }

  get tenant() {
    return this.facts.tenant
  }
  get key() {
    return this.facts.key
  }
  get user() {
    return this.facts.user
  }
  get team() {
    return this.facts.team
  }
  get tags() {
    return this.facts.tags
  }
  get request() {
    return this.facts.request
  }
  get budget() {
    return this.facts.budget
  }
  get headers() {
    return this.facts.headers
  }
  get prompt(): Prompt {
    this.#prompt ??= new MeteredPrompt(this.facts.prompt(), this.#judge)
    return this.#prompt
  }
  readonly #judge = (said: () => string) => this.facts.judge?.(said, valueOfTag(this.facts.tags, 'task')) ?? null
  get now(): Clock {
    this.#now ??= new Clock(this.facts.at, this.facts.zone)
    return this.#now
  }
  clockIn(zone: string): Clock {
    const known = this.#clocks?.get(zone)
    if (known !== undefined) return known
    const made = this.now.zoned(zone)
    this.#clocks = (this.#clocks ?? new Map<string, Clock>()).set(zone, made)
    return made
  }
  /** The same for the expression language. */
  get names(): object {
    this.#names ??= new Names(this)
    return this.#names
  }
}

class Names {
  readonly #scene: Scene
  readonly request: object
  readonly tenant: object
  readonly key: object
  readonly user: object
  readonly team: object
  readonly tags: readonly string[]
  readonly headers: Readonly<Record<string, string>>

  constructor(scene: Scene) {
    this.#scene = scene
    this.request = new views.Request(scene.request)
    this.tenant = new views.Tenant(scene.tenant)
    this.key = new views.Key(scene.key)
    this.user = new views.User(scene.user)
    this.team = new views.Team(scene.team)
    this.tags = scene.tags
    this.headers = scene.headers
  }
  get budget(): object {
    return new views.Budgets(this.#scene.budget)
  }
  get prompt(): Prompt {
    return this.#scene.prompt
  }
  get now(): Clock {
    return this.#scene.now
  }
}
