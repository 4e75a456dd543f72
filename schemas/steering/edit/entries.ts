import { isMap, isPair, isScalar, type Node } from 'yaml'
import type { Splice } from '../problem.ts'
import {
  blanksAbove,
  blanksBelow,
  contentEnd,
  extents,
  valueOf,
  type Collection,
  type Entry,
  type Extent,
} from './blocks.ts'
import { inline, inlinePair, item, onLine, pair } from './render.ts'

/** Splices that change one entry of a collection; null where it is written in a way that is not known here. */
export type Splices = Splice[] | null

/** A collection within its text. */
export type Spot = { text: string; collection: Collection }

/** An entry to be written: a value, and its key in a map. */
export type Fresh = { key: string | null; value: unknown }

const isBlock = ({ collection }: Spot): boolean => collection.flow !== true

export const remove = (spot: Spot, at: number): Splices => {
  if (!isBlock(spot)) return removeInline(spot, at)
  const all = extents(spot.text, spot.collection)
  const one = all?.[at]
  return all == null || one === undefined ? null : [cut(spot.text, all, at, one)]
}

const cut = (text: string, all: Extent[], at: number, one: Extent): Splice => {
  const next = all[at + 1]
  // the first key of an item shares its line with the dash; the second key takes its place
  if (!one.ownLine) return { start: one.head, end: next === undefined ? one.tail : next.lead + next.column, text: '' }
  const start = blanksAbove(text, one.lead)
  return start < one.lead && at > 0
    ? { start, end: one.end, text: '' }
    : { start: one.lead, end: next === undefined ? one.end : Math.min(blanksBelow(text, one.end), next.lead), text: '' }
}

export const insert = (spot: Spot, at: number, fresh: Fresh): Splices => {
  if (!isBlock(spot)) return insertInline(spot, at, written(fresh))
  const all = extents(spot.text, spot.collection)
  const column = all?.[0]?.column
  if (all == null || column === undefined) return null
  return [
    put(spot.text, all, at, fresh.key === null ? item(fresh.value, column) : pair(fresh.key, fresh.value, column)),
  ]
}

/** Takes an entry out, with its comments, and puts it before the one that is at `to` when it is out. */
export const move = (spot: Spot, at: number, to: number): Splices => {
  const all = isBlock(spot) ? extents(spot.text, spot.collection) : null
  const one = all?.[at]
  if (all == null || one === undefined || !one.ownLine) return isBlock(spot) ? null : moveInline(spot, at, to)
  const own = spot.text.slice(one.lead, one.end).replace(/\n?$/, '')
  const place = put(spot.text, all, to < at ? to : to + 1, own.slice(one.column))
  return [cut(spot.text, all, at, one), place]
}

/** Puts a text before the entry at a place, or behind the last one; it is parted from its neighbours as they are. */
const put = (text: string, all: Extent[], at: number, said: string): Splice => {
  const [next, last] = [all[at], all.at(-1)]
  const column = all[0]?.column ?? 0
  const indent = ' '.repeat(column)
  const gap = all.some(({ lead }, n) => n > 0 && blanksAbove(text, lead) < lead) ? '\n' : ''
  if (next !== undefined && !next.ownLine) return { start: next.head, end: next.head, text: `${said}\n${indent}` }
  if (next !== undefined) return { start: next.lead, end: next.lead, text: `${indent}${said}\n${gap}` }
  const end = last?.end ?? 0
  const newline = text.endsWith('\n', end) ? '' : '\n'
  return { start: end, end, text: `${newline}${gap}${indent}${said}\n` }
}

/** Writes another value for an entry. What is on the line behind it stays. */
export const replace = ({ text, collection }: Spot, at: number, { key, value }: Fresh): Splices => {
  const entry = collection.items[at] as Entry | undefined
  if (entry === undefined) return null
  const before = valueOf(entry)
  const simple = onLine(value, before)
  const range = before?.range
  if (collection.flow === true) return range == null ? null : [{ start: range[0], end: range[1], text: inline(value) }]
  const oneLine =
    isScalar(before) && range != null && range[1] > range[0] && !text.slice(range[0], range[1]).includes('\n')
  if (simple !== null && oneLine) return [{ start: range[0], end: range[1], text: simple }]
  const extent = extents(text, collection)?.[at]
  if (extent === undefined) return null
  const { head, column } = extent
  // a block that keeps the lines behind it ends with a newline, which is not its own
  const end = head + text.slice(head, contentEnd(text, entry, head)).replace(/\r?\n$/, '').length
  return [{ start: head, end, text: key === null ? item(value, column) : pair(key, value, column) }]
}

const written = ({ key, value }: Fresh): string => (key === null ? inline(value) : inlinePair(key, value))

/** From the first sign to the last of each entry of a collection in brackets. */
const ranges = ({ collection }: Spot): [start: number, end: number][] | null => {
  const found = (collection.items as Entry[]).map((entry): [number, number] | null => {
    const first = isPair(entry) ? (entry.key as Node | null)?.range : entry.range
    const last = valueOf(entry)?.range ?? first
    return first == null || last == null ? null : [first[0], Math.max(first[1], last[1])]
  })
  return found.some((one) => one === null) ? null : (found as [number, number][])
}

const removeInline = (spot: Spot, at: number): Splices => {
  const all = ranges(spot)
  const [before, one, next] = [all?.[at - 1], all?.[at], all?.[at + 1]]
  if (one === undefined) return null
  if (next !== undefined) return [{ start: one[0], end: next[0], text: '' }]
  return [{ start: before?.[1] ?? one[0], end: one[1], text: '' }]
}

const insertInline = (spot: Spot, at: number, said: string): Splices => {
  const all = ranges(spot)
  const [next, last] = [all?.[at], all?.at(-1)]
  if (next !== undefined) return [{ start: next[0], end: next[0], text: `${said}, ` }]
  return last === undefined ? null : [{ start: last[1], end: last[1], text: `, ${said}` }]
}

const moveInline = (spot: Spot, at: number, to: number): Splices => {
  const one = ranges(spot)?.[at]
  const out = removeInline(spot, at)
  if (one === undefined || out === null) return null
  const into = insertInline(spot, to < at ? to : to + 1, spot.text.slice(one[0], one[1]))
  return into === null ? null : [...out, ...into]
}

export const keysOf = (collection: Collection): string[] =>
  isMap(collection) ? collection.items.map(({ key }) => (isScalar(key) ? String(key.value) : '')) : []
