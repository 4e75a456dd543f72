import type { BudgetFigures } from '#activities/gateway/store-budgets.ts'
import { labelsOf, type Told } from './observe.ts'

/** Whose budget it is, as LiteLLM labels it: of a key, or of a team, which is what requests are tagged with. */
const whose = ({ subject }: BudgetFigures): { of: 'api_key' | 'team'; labels: Record<string, string> } | null => {
  if (subject.kind === 'key') return { of: 'api_key', labels: { hashed_api_key: subject.key } }
  return subject.kind === 'tag' && subject.tag === 'team'
    ? { of: 'team', labels: { team: subject.value, team_alias: subject.value } }
    : null
}

/** Of several limits of one, the one that ends first. */
const tightest = (budgets: readonly BudgetFigures[]): BudgetFigures[] => {
  const first = new Map<string, BudgetFigures>()
  for (const one of budgets) {
    const name = JSON.stringify([one.labels.tenant, one.subject, one.labels.unit])
    const known = first.get(name)
    if (known === undefined || one.remaining < known.remaining) first.set(name, one)
  }
  return [...first.values()]
}

/** How budgets stand, under LiteLLM's names. */
export function budgetFigures(budgets: readonly BudgetFigures[], now: number): Told[] {
  const told = new Map<string, Told>()
  const tell = (name: string, help: string, labels: Record<string, string>, value: number) => {
    const one = told.get(name) ?? { name, help, type: 'gauge', values: [] }
    one.values.push({ labels: labelsOf(labels), value })
    told.set(name, one)
  }
  for (const one of tightest(budgets)) {
    const of = whose(one)
    if (of === null) continue
    const { labels } = of
    const { unit, per } = one.labels
    if (unit === 'usd') {
      tell(`litellm_remaining_${of.of}_budget_metric`, 'What is left of it, in US dollars.', labels, one.remaining)
      tell(`litellm_${of.of}_max_budget_metric`, 'Budget in US dollars.', labels, one.limit)
      const hours = one.endsAt === null ? null : Math.max(0, one.endsAt.getTime() - now) / 3_600_000
      if (hours !== null)
        tell(`litellm_${of.of}_budget_remaining_hours_metric`, 'Hours until it begins anew.', labels, hours)
    } else if (of.of === 'api_key' && per === 'minute')
      tell(
        `litellm_remaining_api_key_${unit}_for_model`,
        `How many ${unit} are left of the minute.`,
        labels,
        one.remaining,
      )
  }
  return [...told.values()]
}
