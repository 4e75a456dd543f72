import { createHash } from 'node:crypto'
import { findApiKey } from '#activities/access/store.ts'
import type { Databases } from '#activities/database.ts'
import type { Context } from '#schemas/tenancy.ts'
import type { Ear } from '#activities/live/ear.ts'

/** How long a key is known without asking again, in ms: well below what "last used" is told by. */
const knownFor = 10_000
/** The most keys that are known at once. */
const most = 10_000

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64')

/**
 * API keys seen lately, so that a machine that calls often is not looked up each time. They are known only while this
 * process hears of changes, and all of a tenant's are forgotten when somebody there may do less than before: here at
 * once, in other processes as soon as the database's word arrives.
 */
export class KnownKeys {
  readonly #db: Databases
  readonly #ear: Ear
  /** By the hash of the key: a secret that is not needed is not kept. */
  readonly #known = new Map<string, { ctx: Context; until: number }>()
  #forgotten = 0

  constructor(db: Databases, ear: Ear) {
    this.#db = db
    this.#ear = ear
    ear.on({
      heard: (tenant, topic) => {
        if (topic === 'access') this.forget(tenant)
      },
      opened: () => this.forget(),
    })
  }

  /** In whose name a request with this key acts; null for one that is unknown, revoked or has run out. */
  async find(key: string): Promise<Context | null> {
    const known = this.#known.get(hashOf(key))
    return known !== undefined && this.#ear.hears && Date.now() < known.until ? known.ctx : this.ask(key)
  }

  /** The same, looked up in any case. */
  async ask(key: string): Promise<Context | null> {
    const before = this.#forgotten
    const found = await findApiKey(this.#db.system, key)
    // what was read may be older than what was heard meanwhile
    if (found !== null && this.#ear.hears && before === this.#forgotten) this.#keep(hashOf(key), found)
    else this.#known.delete(hashOf(key))
    return found?.ctx ?? null
  }

  /** Forgets the keys of a tenant, or all. */
  forget(tenant?: string): void {
    this.#forgotten++
    if (tenant === undefined) this.#known.clear()
    else for (const [hash, { ctx }] of this.#known) if (ctx.tenant === tenant) this.#known.delete(hash)
  }

  #keep(hash: string, { ctx, expiresAt }: { ctx: Context; expiresAt: Date | null }): void {
    const until = Math.min(Date.now() + knownFor, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)
    if (this.#known.size >= most) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(hash, { ctx, until })
  }
}
