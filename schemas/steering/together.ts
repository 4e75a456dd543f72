import { compile, type Plan } from './compile.ts'
import type { SteeringDocument } from './document.ts'

/** A version of a policy that is in force, or is looked at as if it were: a draft has no number. */
export type InForce = { policy: string; number: number | null; document: SteeringDocument }

/** Where a rule stands. */
export type Origin = {
  policy: string
  number: number | null
  rule: string
  /** The same in one word, as answers and logs call it: `pol_…@3/no-contracts`. */
  label: string
}

/** The rules of several policies in one plan, in which each rule goes by the label of its origin. */
export type Together = {
  plan: Plan
  origins: ReadonlyMap<string, Origin>
  /** The same blind to what prompts say; null where no rule looks at them. Made when it is first asked for. */
  blind(): Plan | null
}

/**
 * Policies are looked at as one: rules from the narrowest scope to the widest, whatever policy they stand in; within a
 * level by policy, the oldest first, and then as they are written.
 */
export function together(policies: readonly InForce[]): Together {
  const document = joined(policies)
  const plan = compile(document)
  let made: Plan | undefined
  const blind = () => (plan.reads.prompt ? (made ??= compile(document, true)) : null)
  return { plan, origins: originsOf(policies), blind }
}

/** The one document that several are. */
export const joined = (policies: readonly InForce[]): SteeringDocument => ({
  name: 'In force',
  rules: oldestFirst(policies).flatMap((one) =>
    one.document.rules.map((rule) => ({ ...rule, id: labelOf(one, rule.id) })),
  ),
})

const originsOf = (policies: readonly InForce[]): Map<string, Origin> =>
  new Map(
    policies.flatMap((one) =>
      one.document.rules.map(({ id }): [string, Origin] => {
        const label = labelOf(one, id)
        return [label, { policy: one.policy, number: one.number, rule: id, label }]
      }),
    ),
  )

const labelOf = ({ policy, number }: InForce, rule: string): string => `${policy}@${number ?? 'draft'}/${rule}`

const oldestFirst = (policies: readonly InForce[]): InForce[] =>
  policies.toSorted((a, b) => (a.policy < b.policy ? -1 : Number(a.policy > b.policy)))
