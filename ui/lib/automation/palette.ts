import { kinds } from '#schemas/automation/kinds/index.ts'
import type { Kind } from '#schemas/automation/kind.ts'
import { operations, type Operation } from '#schemas/connectors/operations.ts'
import { titleOfSystem } from './systems.ts'

/** `adds`: what `newNode` takes: a kind, or an action with its operation. */
export type Offer = { adds: string; kind: string; title: string; purpose: string; group: Kind['group'] }
type Searched = Offer & { also: string; system?: string }
/** A connected system whose operations are folded away, or stand below. */
export type Fold = { fold: string; title: string; count: number; open: boolean; group: Kind['group'] }
export type Row = Offer | Fold
export const isFold = (row: Row | undefined): row is Fold => row !== undefined && 'fold' in row

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
  purpose: `${titleOfSystem(system)} · ${about}`,
  group: 'outside',
  system,
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

const bySystem = Map.groupBy(ofOperations, ({ system = '' }) => system)

/** What stands in the palette: what a search finds, or else all kinds, and the systems with what is `unfolded` of them. */
export function rowsFor(text: string, unfolded: ReadonlySet<string>): readonly Row[] {
  if (text.trim() !== '') return offersFor(text)
  const connected = [...bySystem].flatMap(([system, offers]): Row[] => {
    const open = unfolded.has(system)
    const title = titleOfSystem(system)
    return [{ fold: system, title, count: offers.length, open, group: 'outside' }, ...(open ? offers : [])]
  })
  const after = ofKinds.findLastIndex(({ group }) => group === 'outside') + 1
  return [...ofKinds.slice(0, after), ...connected, ...ofKinds.slice(after)]
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
