import type { Target } from '#schemas/gateway/routes.ts'
import { known } from '#schemas/gateway/wires/members.ts'

export type Shared = Target & { percent: number }
/** Targets of one priority, with what share of its requests each gets. */
export type Tier = { priority: number; targets: Shared[] }

/** The targets of a route in the order in which they are asked; the shares of a tier add up to 100. */
export const tiersOf = (targets: readonly Target[]): Tier[] =>
  [...Map.groupBy(targets, ({ priority }) => priority)]
    .toSorted(([a], [b]) => a - b)
    .map(([priority, own]) => {
      const percents = shares(own.map(({ weight }) => weight))
      return { priority, targets: own.map((target, n) => ({ ...target, percent: percents[n] ?? 0 })) }
    })

/** Whole percentages that add up to 100: those that lose most by rounding down get what is left. */
export const shares = (weights: readonly number[]): number[] => {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  if (sum === 0) return weights.map(() => 0)
  const exact = weights.map((weight) => (weight / sum) * 100)
  const whole = exact.map(Math.floor)
  const left = 100 - whole.reduce((all, part) => all + part, 0)
  const byLoss = exact.map((part, n) => ({ n, loss: part - Math.floor(part) })).toSorted((a, b) => b.loss - a.loss)
  for (const { n } of byLoss.slice(0, left)) whole[n] = (whole[n] ?? 0) + 1
  return whole
}

const ordinals = ['Asked first', 'Asked second', 'Asked third']
/** What the nth tier is for. */
export const tierTitle = (n: number): string => ordinals[n] ?? `Asked as number ${n + 1}`

/** What moves in the editor: targets in tiers, the first tier asked first. */
export type Draft = Omit<Target, 'priority'> & { id: number }
export type Drafts = readonly (readonly Draft[])[]

/** What is said of what a target can do; what is not said is not there. */
const ableOf = ({ region, capabilities, context }: Pick<Target, 'region' | 'capabilities' | 'context'>) =>
  known({ region, capabilities, context })

/** The drafts as the API takes them: a tier is a priority. */
export const toTargets = (tiers: Drafts): Target[] =>
  tiers.flatMap((tier, priority) =>
    tier.map(({ provider, model, weight, ...able }) => ({
      provider,
      model: model.trim(),
      weight,
      priority,
      ...ableOf(able),
    })),
  )

/** The targets of a route as drafts; what they are told apart by is their place. */
export const toDrafts = (targets: readonly Target[]): Drafts => {
  let id = 0
  return tiersOf(targets).map((tier) =>
    tier.targets.map(({ provider, model, weight, ...able }) => ({
      id: id++,
      provider,
      model,
      weight,
      ...ableOf(able),
    })),
  )
}

/**
 * Moves a target one place up (-1) or down (1): within its tier, at the edge of it into the next, and beyond the last
 * into a tier of its own. A tier that is left empty is gone.
 */
export const moved = (tiers: Drafts, id: number, by: 1 | -1): Drafts => {
  const from = tiers.findIndex((tier) => tier.some((one) => one.id === id))
  const tier = tiers[from] ?? []
  const at = tier.findIndex((one) => one.id === id)
  const draft = tier[at]
  if (draft === undefined) return tiers
  const others = tier.filter((one) => one !== draft)
  const within = at + by
  if (within >= 0 && within < tier.length) return tiers.with(from, others.toSpliced(within, 0, draft))
  const to = from + by
  if (tiers[to] === undefined && others.length === 0) return tiers
  const left: Drafts = tiers.with(from, others)
  const placed =
    left[to] === undefined
      ? by === 1
        ? [...left, [draft]]
        : [[draft], ...left]
      : left.with(to, by === 1 ? [draft, ...left[to]] : [...left[to], draft])
  return placed.filter((one) => one.length > 0)
}

/** Whether there is anywhere to move to. */
export const canMove = (tiers: Drafts, id: number, by: 1 | -1): boolean => moved(tiers, id, by) !== tiers
