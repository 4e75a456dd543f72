import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Kind } from '#schemas/automation/kind.ts'
import { operations, type Operation } from '#schemas/connectors/operations.ts'

/** `adds`: what `newNode` takes: a kind, or an action with its operation. */
export type Offer = { adds: string; kind: string; title: string; purpose: string; group: Kind['group'] }
type Searched = Offer & { also: string }

const order: readonly Kind['group'][] = ['flow', 'outside', 'thinking', 'people', 'data']

/** What people call a system, or what goes through it. */
const systems: Record<Operation['system'], string> = {
  crm: 'customer relationship contact deal',
  dms: 'dealer management stock inventory vehicle car service',
  mail: 'email letter message',
  sms: 'text message phone',
  leads: 'lead enquiry',
}

const ofKinds: readonly Searched[] = Object.values(kinds)
  .filter((kind) => kind.kind !== 'start')
  .map(({ kind, title, purpose, group, also = [] }) => ({
    adds: kind,
    kind,
    title,
    purpose,
    group,
    also: `${kind} ${also.join(' ')}`,
  }))
  .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))

const ofOperations: readonly Searched[] = Object.entries(operations).map(([id, { title, system, about }]) => ({
  adds: `action:${id}`,
  kind: 'action',
  title,
  purpose: `${system.toUpperCase()} · ${about}`,
  group: 'outside',
  also: `${system} ${systems[system]} ${id.replaceAll(/[._]/g, ' ')}`,
}))

/** Whether each word begins one of a text. */
const begin = (words: readonly string[], text: string): boolean => {
  const there = text.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  return words.every((word) => there.some((one) => one.startsWith(word)))
}

const rank = ({ title, purpose, also }: Searched, words: readonly string[]): number => {
  if (title.toLowerCase().startsWith(words.join(' '))) return 4
  if (begin(words, title)) return 3
  if (begin(words, `${title} ${also}`)) return 2
  return begin(words, `${title} ${also} ${purpose}`) ? 1 : 0
}

/**
 * The kinds of steps, and the operations of connected systems, that fit what is searched: by their own name first, then
 * by what else they are called, then by what is said of them. Without a search, the kinds.
 */
export function offersFor(text: string): readonly Offer[] {
  const words = text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
  if (words.length === 0) return ofKinds
  return [...ofKinds, ...ofOperations]
    .map((offer) => ({ offer, rank: rank(offer, words) }))
    .filter((one) => one.rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ offer }) => offer)
}
