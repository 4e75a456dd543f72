import { isObject } from '../json.ts'
import { pointer, prototypeKeys } from '../pointer.ts'
import { deepest } from './shape.ts'

type Held = { value: unknown; path: readonly (string | number)[] }

/**
 * What keeps a value from being looked at any closer: keys that mean something else to JavaScript, and depth. It walks
 * without recursion, so that nothing is too deep for it.
 */
export function unfit(value: unknown): { path: string; message: string } | null {
  const waiting: Held[] = [{ value, path: [] }]
  for (let held = waiting.pop(); held !== undefined; held = waiting.pop()) {
    const { value, path } = held
    if (typeof value !== 'object' || value === null) continue
    if (path.length >= deepest)
      return {
        path: pointer(path.slice(0, 4)),
        message: `Values may stand ${deepest} deep in one another, not deeper.`,
      }
    if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) if (isContainer(one)) waiting.push({ value: one, path: [...path, at] })
      continue
    }
    for (const [key, one] of Object.entries(value)) {
      if (prototypeKeys.has(key) || !key.isWellFormed())
        return { path: pointer(path), message: `“${key.toWellFormed()}” cannot be the name of a field.` }
      if (isContainer(one)) waiting.push({ value: one, path: [...path, key] })
    }
  }
  return null
}

const isContainer = (value: unknown): boolean => Array.isArray(value) || isObject(value)
