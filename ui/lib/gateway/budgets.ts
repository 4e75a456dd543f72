import type { Budget, Per, Subject, Unit, WindowState } from '#schemas/gateway/budgets.ts'
import type { VirtualKey } from '#schemas/gateway/keys.ts'
import { costText, countText } from './figures.ts'

export const perWords: Record<Per, string> = {
  at_once: 'at once',
  minute: 'a minute',
  hour: 'an hour',
  day: 'a day',
  week: 'a week',
  month: 'a month',
  ever: 'in all',
}

/** A sum without its unit, which stands beside: `$12.50`, `120k`. */
export const sumText = (unit: Unit, value: number): string => (unit === 'usd' ? costText(value) : countText(value))

/** With it: `$12.50`, `120k tokens`. */
export const amountText = (unit: Unit, value: number): string =>
  unit === 'usd' ? costText(value) : `${countText(value)} ${value === 1 ? unit.slice(0, -1) : unit}`

export const limitText = (unit: Unit, { limit, per }: Pick<WindowState, 'limit' | 'per'>): string =>
  `${amountText(unit, limit)} ${perWords[per]}`

/** Whose it is, by the names that are known. */
export const subjectText = (
  subject: Subject,
  nameOf: { key(id: string): string | undefined; user(id: string): string | undefined },
): string => {
  switch (subject.kind) {
    case 'tenant':
      return 'everything that is asked'
    case 'user':
      return `requests of ${nameOf.user(subject.user) ?? `…${subject.user.slice(-8)}`} and of their keys`
    case 'key':
      return `key ${nameOf.key(subject.key) ?? `…${subject.key.slice(-8)}`}`
    case 'model':
      return `model ${subject.model}`
    default:
      return `tag ${subject.tag}=${subject.value}`
  }
}

/** How much of a limit is gone, from 0 to 1. */
export const shareGone = ({ limit, spent }: Pick<WindowState, 'limit' | 'spent'>): number =>
  limit === 0 ? 1 : Math.min(1, spent / limit)

/** A key, as far as budgets look at it. */
type Holder = Pick<VirtualKey, 'id' | 'tags'>

/** Whether requests of this key are surely held by it; budgets of models depend on what they ask for. */
const holds = ({ subject }: Budget, { id, tags }: Holder): boolean =>
  subject.kind === 'tenant' ||
  (subject.kind === 'key' && subject.key === id) ||
  (subject.kind === 'tag' && tags[subject.tag] === subject.value)

export type Tightest = { budget: Budget; window: WindowState }

/** Of all that holds a key, what is nearest to its limit. */
export const tightestOf = (budgets: readonly Budget[], key: Holder): Tightest | undefined =>
  budgets
    .filter((budget) => holds(budget, key))
    .flatMap((budget) => budget.windows.map((window) => ({ budget, window })))
    .reduce<Tightest | undefined>(
      (most, one) => (most === undefined || shareGone(one.window) > shareGone(most.window) ? one : most),
      undefined,
    )
