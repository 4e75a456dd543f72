import type { Check, GuardKindName } from '#schemas/gateway/guardrails/kind.ts'
import { failure, type Failure } from '#schemas/gateway/wires/failure.ts'
import { guardings, type Guarding } from '#schemas/steering/actions.ts'
import type { Models } from '../store-known.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { Way } from './steer.ts'

/** A guardrail of a tenant, ready to look. */
export type Guard = {
  id: string
  name: string
  kind: GuardKindName
  input: boolean
  output: boolean
  check: Check
}
/** One that looks at a request, and how it acts. */
export type Applied = { guard: Guard; act: Guarding }

/** The guardrails of a tenant: those that look at everything, in the order of their names, and all by name. */
export type Guards = {
  everywhere: readonly Applied[]
  named: ReadonlyMap<string, Guard>
  pseudonyms: Pseudonyms
}

/** Those that look at one request. */
export type Looking = { applied: readonly Applied[]; pseudonyms: Pseudonyms }

/** Which guardrails look at a request; null where none does, or nobody will be asked anyway. One that is missing refuses it. */
export function guardsOf({ guards }: Pick<Models, 'guards'>, way: Way): Looking | Failure | null {
  const { guardrails: byRules, route, refusal } = way
  if (refusal !== null || route === undefined) return null
  const byRoute = route.guardrails
  if (byRules === null && byRoute === undefined)
    return guards === null || guards.everywhere.length === 0
      ? null
      : { applied: guards.everywhere, pseudonyms: guards.pseudonyms }
  const acts = new Map<string, Guarding>(guards?.everywhere.map(({ guard, act }) => [guard.name, act]))
  for (const named of [byRoute, byRules])
    for (const name in named) acts.set(name, stricter(acts.get(name), named[name]))
  const applied: Applied[] = []
  for (const [name, act] of acts) {
    const guard = guards?.named.get(name)
    if (guard === undefined) return missing(name)
    applied.push({ guard, act })
  }
  return guards === null || applied.length === 0 ? null : { applied, pseudonyms: guards.pseudonyms }
}

const stricter = (one: Guarding | undefined, other: Guarding = 'block'): Guarding =>
  one !== undefined && guardings.indexOf(one) > guardings.indexOf(other) ? one : other

/** Going on without it would let through what somebody wanted held back. */
const missing = (name: string): Failure =>
  failure('forbidden', `The guardrail “${name}” is to look at this, and there is none of that name any more.`, {
    code: 'guardrail_missing',
  })
