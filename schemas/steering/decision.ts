import { durationMs } from '../automation/duration.ts'
import type { Json } from '../automation/json.ts'
import {
  guardings,
  type Also,
  type cacheModes,
  type Capability,
  type Decide,
  type Denial,
  type Guarding,
  type Parameter,
  type Target,
} from './actions.ts'

/** What serves a request: what was asked for, unless a rule decided. */
export type Outcome =
  | { do: 'asked' }
  | { do: 'keep' }
  | { do: 'route' | 'downgrade'; alias: string }
  | { do: 'targets'; targets: readonly Target[] }
  | { do: 'deny'; reason: string; status: Denial }

export type Caching = { mode: (typeof cacheModes)[number]; ttlMs: number | null; similarity: number | null }

export type Decision = {
  outcome: Outcome
  /** The rule that decided, or null. */
  by: string | null
  /** The rules that held and counted, in the order in which they were looked at. */
  held: readonly string[]
  tags: readonly string[]
  guardrails: Readonly<Record<string, Guarding>>
  require: { capabilities: readonly Capability[]; context: number; regions: readonly string[] | null }
  set: Readonly<Partial<Record<Parameter, Json>>>
  weights: Readonly<Record<string, number>> | null
  cache: Caching | null
  /** Rules whose condition or value failed: they did not hold, or the value was not set. */
  failed: readonly string[]
}

export const outcomeOf = (decide: Decide): Outcome => {
  const { route, downgrade, deny } = decide
  if (deny !== undefined) return { do: 'deny', reason: deny.reason, status: deny.status ?? 'forbidden' }
  if (downgrade !== undefined) return { do: 'downgrade', alias: downgrade }
  if (route === undefined) return { do: 'keep' }
  return typeof route === 'string' ? { do: 'route', alias: route } : { do: 'targets', targets: route }
}

export const cachingOf = (cache: NonNullable<Also['cache']>): Caching => {
  if (typeof cache === 'string') return { mode: cache, ttlMs: null, similarity: null }
  const { mode, ttl, similarity = null } = cache
  return { mode, ttlMs: ttl === undefined ? null : durationMs(ttl), similarity }
}

const nothing: readonly never[] = Object.freeze([])
const unsaid: Readonly<Record<string, never>> = Object.freeze({})
const asked: Outcome = Object.freeze({ do: 'asked' })

const asNeeded: Decision['require'] = Object.freeze({ capabilities: nothing, context: 0, regions: null })

/** A decision while rules add to it. What no rule adds to is shared by all decisions. */
export class Deciding implements Decision {
  outcome = asked
  by: string | null = null
  held: string[] | readonly never[] = nothing
  tags: readonly string[] = nothing
  guardrails: Readonly<Record<string, Guarding>> = unsaid
  require = asNeeded
  set: Readonly<Partial<Record<Parameter, Json>>> = unsaid
  weights: Readonly<Record<string, number>> | null = null
  cache: Caching | null = null
  failed: string[] | readonly never[] = nothing

  hold(rule: string): void {
    if (this.held === nothing) this.held = [rule]
    else (this.held as string[]).push(rule)
  }

  fail(rule: string): void {
    if (this.failed === nothing) this.failed = [rule]
    else if (this.failed.at(-1) !== rule) (this.failed as string[]).push(rule)
  }

  tag(tags: readonly string[]): void {
    this.tags = union(this.tags, tags)
  }

  /** Where several rules name a guardrail, the strictest counts. */
  guard(guardrails: Readonly<Record<string, Guarding>>): void {
    const all = { ...this.guardrails }
    for (const [name, guarding] of Object.entries(guardrails))
      if (guardings.indexOf(guarding) > guardings.indexOf(all[name] ?? guarding) || all[name] === undefined)
        all[name] = guarding
    this.guardrails = all
  }

  needs({ capabilities = [], context = 0, regions }: NonNullable<Also['require']>): void {
    const before = this.require
    this.require = {
      capabilities: union(before.capabilities, capabilities),
      context: Math.max(before.context, context),
      regions: common(before.regions, regions),
    }
  }

  put(parameter: Parameter, value: Json): void {
    this.set = { ...this.set, [parameter]: value }
  }
}

const union = <T>(before: readonly T[], more: readonly T[]): readonly T[] =>
  before.length === 0 ? more : [...new Set([...before, ...more])]

/** In regions that all rules name; none at all may be left, and then nothing can serve it. */
const common = (before: readonly string[] | null, more: readonly string[] | undefined): readonly string[] | null => {
  if (more === undefined) return before
  return before === null ? more : before.filter((one) => more.includes(one))
}
