import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Kind } from '#schemas/automation/kind.ts'

export type Offer = { kind: string; title: string; purpose: string; group: Kind['group'] }

const order: readonly Kind['group'][] = ['flow', 'outside', 'thinking', 'people', 'data']

const offers: readonly Offer[] = Object.values(kinds)
  .filter((kind) => kind.kind !== 'start')
  .map(({ kind, title, purpose, group }) => ({ kind, title, purpose, group }))
  .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))

/** The kinds of steps that fit what is searched; those whose title begins with it first. */
export function offersFor(text: string): readonly Offer[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return offers
  const rank = (offer: Offer): number => {
    const title = offer.title.toLowerCase()
    const all = `${title} ${offer.kind} ${offer.purpose.toLowerCase()}`
    if (!words.every((word) => all.includes(word))) return -1
    return title.startsWith(words.join(' ')) ? 2 : words.every((word) => title.includes(word)) ? 1 : 0
  }
  return offers
    .map((offer) => ({ offer, rank: rank(offer) }))
    .filter((one) => one.rank >= 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ offer }) => offer)
}
