import { isMap, isSeq, type Node } from 'yaml'
import { isObject, same } from '../../automation/json.ts'
import { idOf } from '../change.ts'
import { ruleShape, documentShape } from '../document.ts'
import { moved } from '../order.ts'
import { insert, keysOf, move, remove, replace, type Splices, type Spot } from './entries.ts'
import type { Collection } from './blocks.ts'

/** Keys in the order in which they are written where nothing else is said. */
const usual = [...Object.keys(documentShape.shape), ...Object.keys(ruleShape.shape)]

/** The first thing to be done to make a collection say `value`; null where that is not known, none where it says so. */
export function step(text: string, collection: Collection, value: unknown): Splices {
  const spot = { text, collection }
  if (isMap(collection) && isObject(value)) return ofMap(spot, collection.toJSON() as Record<string, unknown>, value)
  if (isSeq(collection) && Array.isArray(value)) return ofList(spot, collection.toJSON(), value)
  return null
}

const ofMap = (spot: Spot, before: Record<string, unknown>, after: Record<string, unknown>): Splices => {
  const keys = keysOf(spot.collection)
  for (const [at, key] of keys.entries()) {
    if (after[key] === undefined) return remove(spot, at)
    if (!same(before[key], after[key])) return within(spot, at, { key, value: after[key] })
  }
  const fresh = Object.keys(after).find((key) => after[key] !== undefined && !keys.includes(key))
  if (fresh === undefined) return []
  return insert(spot, placeOf(keys, fresh), { key: fresh, value: after[fresh] })
}

/** Behind the last of the keys that usually come before it. */
const placeOf = (keys: readonly string[], fresh: string): number => {
  const rank = usual.indexOf(fresh)
  if (rank === -1) return keys.length
  return keys.findLastIndex((key) => usual.indexOf(key) !== -1 && usual.indexOf(key) < rank) + 1
}

const ofList = (spot: Spot, before: readonly unknown[], after: readonly unknown[]): Splices => {
  const [old, fresh] = [before.map(idOf), after.map(idOf)]
  if (!told(old) || !told(fresh)) return byPlace(spot, before, after)
  // a rule that got another id is the same rule
  const named = old.map((id, at) => (!fresh.includes(id) && !old.includes(fresh[at] ?? null) ? (fresh[at] ?? id) : id))
  const gone = named.findIndex((id) => !fresh.includes(id))
  if (gone !== -1) return remove(spot, gone)
  const stay = fresh.filter((id) => named.includes(id))
  const wanders = moved(named, stay)
  const [first] = wanders
  if (first !== undefined) {
    const before = stay.slice(0, stay.indexOf(first)).findLast((id) => !wanders.includes(id))
    const others = named.filter((id) => id !== first)
    return move(spot, named.indexOf(first), before === undefined ? 0 : others.indexOf(before) + 1)
  }
  const added = fresh.findIndex((id) => !named.includes(id))
  if (added !== -1) return insert(spot, added, { key: null, value: after[added] })
  return byPlace(spot, before, after)
}

const told = (ids: readonly (string | null)[]): boolean => !ids.includes(null) && new Set(ids).size === ids.length

const byPlace = (spot: Spot, before: readonly unknown[], after: readonly unknown[]): Splices => {
  for (const [at, value] of after.entries()) {
    if (at >= before.length) return insert(spot, at, { key: null, value })
    if (!same(before[at], value)) return within(spot, at, { key: null, value })
  }
  return before.length > after.length ? remove(spot, before.length - 1) : []
}

const within = (spot: Spot, at: number, fresh: { key: string | null; value: unknown }): Splices => {
  const entry = spot.collection.items[at]
  const inner = (isMap(spot.collection) ? spot.collection.items[at]?.value : entry) as Node | null | undefined
  const empty = Object.keys(isObject(fresh.value) || Array.isArray(fresh.value) ? fresh.value : {}).length === 0
  if (empty || (!isMap(inner) && !isSeq(inner)) || inner.items.length === 0) return replace(spot, at, fresh)
  return step(spot.text, inner, fresh.value) ?? replace(spot, at, fresh)
}
