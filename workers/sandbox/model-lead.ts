import { z } from 'zod'

const loose = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null)
const Vehicle = z.object({
  interest: loose,
  status: loose,
  year: loose,
  make: loose,
  model: loose,
  trim: loose,
  stock: loose,
})
const InStock = z.object({
  price: z.unknown().optional(),
  availability: loose,
  status: loose,
  stockNumber: loose,
  stock: loose,
})
const Lead = z.object({
  customer: z.object({
    firstName: loose,
    lastName: loose,
    fullName: loose,
    email: loose,
    phone: loose,
    comments: loose,
    timeframe: loose,
  }),
  vehicles: z.array(Vehicle).catch([]),
  tradeIn: Vehicle.nullish().catch(null),
  stock: z
    .union([InStock, z.array(InStock).transform((list) => list[0])])
    .nullish()
    .catch(null),
})
export type ReadLead = z.output<typeof Lead>
export type ReadVehicle = z.output<typeof Vehicle>

/** The end of the JSON object that opens at `start`, or -1: braces inside strings do not count. */
const closing = (text: string, start: number): number => {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at += 1) {
    const char = text[at]
    if (quoted && char === '\\') at += 1
    else if (char === '"') quoted = !quoted
    else if (!quoted && char === '{') depth += 1
    else if (!quoted && char === '}' && (depth -= 1) === 0) return at
  }
  return -1
}

const MOST_TRIES = 20

/** The JSON objects in a text, whatever stands around them; no more than a few are looked for. */
export const jsonObjects = (text: string): unknown[] => {
  const found: unknown[] = []
  let start = text.indexOf('{')
  for (let tries = 0; start >= 0 && tries < MOST_TRIES; tries += 1) {
    const end = closing(text, start)
    if (end < 0) return found
    try {
      found.push(JSON.parse(text.slice(start, end + 1)))
      start = text.indexOf('{', end + 1)
    } catch {
      // Not JSON after all: the next brace may be.
      start = text.indexOf('{', start + 1)
    }
  }
  return found
}

/** A value and all objects in it, outermost first. */
const objectsIn = (value: unknown): object[] =>
  typeof value !== 'object' || value === null
    ? []
    : [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(objectsIn)]

/** The first object with a customer in the JSON of a text. */
export const findLead = (text: string): ReadLead | undefined => {
  for (const value of jsonObjects(text).flatMap(objectsIn)) {
    const found = Lead.safeParse(value).data
    if (found !== undefined) return found
  }
  return undefined
}
