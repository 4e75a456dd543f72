import { hash } from 'node:crypto'
import type { Databases } from '#activities/database.ts'
import type { Seal } from '#activities/seal.ts'
import type { Knowing } from './index.ts'
import { Plans, type Steering } from '#activities/steering/store-known.ts'
import { withPlatform } from '../platform-model.ts'
import type { Standing } from './standing.ts'
import { findCaller, readModels, type Caller, type Models } from '../store-known.ts'

/** Tells of changes, for as long as it hears: the API's ear at the database, or nothing. */
export type Changes = {
  readonly hears: boolean
  on(listener: { heard(tenant: string, topic: string): void; opened(): void }): void
}

/** While nobody tells of changes, what was read is good for so long, in ms. */
const unheardFor = 2_000
/** With the database away, requests go on by what was known for so long, in ms: an outage of a minute stops nobody. */
const graceMs = 120_000
/** The most keys, and the most tenants, that are known at once. */
const most = 10_000

type KnownBy = {
  db: Databases
  seal: Seal
  shared: Pick<Models, 'providers' | 'routes'>
  changes: Changes | null
  standing: Pick<Standing, 'learn'>
}

const readsBudgets = ({ everybody, keys }: Steering): boolean =>
  [everybody, ...keys.values()].some((rules) => rules?.plan.reads.budget === true)

type Known<T> = { value: T; readAt: number; forgotten: boolean }

/**
 * What this process knows of callers and models, so that a request asks the database for nothing. A key that is unknown
 * is asked for each time.
 */
export class Knowledge implements Knowing {
  readonly #db: Databases
  readonly #seal: Seal
  readonly #shared: Pick<Models, 'providers' | 'routes'>
  readonly #plans = new Plans()
  readonly #changes: Changes | null
  readonly #standing: Pick<Standing, 'learn'>
  /** By the hash of the secret: one that is not needed is not kept. */
  readonly #callers = new Map<string, Known<Caller>>()
  readonly #models = new Map<string, Known<Models>>()
  readonly #reading = new Map<string, Promise<unknown>>()

  constructor({ db, seal, shared, changes, standing }: KnownBy) {
    this.#standing = standing
    this.#db = db
    this.#seal = seal
    this.#shared = shared
    this.#changes = changes
    changes?.on({
      heard: (tenant, topic) => {
        if (topic === 'gateway') this.#forget((one) => one === tenant)
      },
      opened: () => this.#forget(() => true),
    })
  }

  /** Whose secret this is; null for one that is not good. */
  caller(secret: string): Caller | null | Promise<Caller | null> {
    const hashed = hash('sha256', secret, 'base64')
    const known = this.#callers.get(hashed)
    if (known !== undefined && this.#isFresh(known)) return known.value.until > Date.now() ? known.value : null
    return this.#read(this.#callers, hashed, () => findCaller(this.#db.system, secret))
  }

  models(tenant: string): Models | Promise<Models> {
    const known = this.#models.get(tenant)
    if (known !== undefined && this.#isFresh(known)) return known.value
    const read = async () => {
      const { system } = this.#db
      const [own, steering] = await Promise.all([
        readModels(system, tenant, this.#seal),
        this.#plans.of(system, tenant),
      ])
      // only rules read how budgets stand
      if (readsBudgets(steering)) await this.#standing.learn(tenant)
      return { ...withPlatform(this.#shared, own), steering }
    }
    return this.#read(this.#models, tenant, read) as Promise<Models>
  }

  #isFresh({ readAt, forgotten }: Known<unknown>): boolean {
    return !forgotten && (this.#changes?.hears === true || Date.now() - readAt < unheardFor)
  }

  #forget(whose: (tenant: string) => boolean): void {
    for (const known of this.#callers.values()) if (whose(known.value.tenant)) known.forgotten = true
    for (const [tenant, known] of this.#models) if (whose(tenant)) known.forgotten = true
  }

  /** Those who ask for the same at the same time wait for one answer; where none comes, the one before is good a while. */
  #read<T>(known: Map<string, Known<T>>, name: string, ask: () => Promise<T | null>): Promise<T | null> {
    const reading = this.#reading.get(name) as Promise<T | null> | undefined
    if (reading !== undefined) return reading
    const before = known.get(name)
    // what is read may be older than what is heard meanwhile
    const entry: Known<T | null> = { value: null, readAt: Date.now(), forgotten: false }
    const asked = ask()
      .then((value) => {
        known.delete(name)
        if (value === null) return null
        if (known.size >= most) known.delete(known.keys().next().value as string)
        known.set(name, Object.assign(entry, { value }) as Known<T>)
        return value
      })
      .catch((error: unknown) => {
        if (before !== undefined && Date.now() - before.readAt < graceMs) return before.value
        throw error
      })
      .finally(() => this.#reading.delete(name))
    this.#reading.set(name, asked)
    return asked
  }
}
