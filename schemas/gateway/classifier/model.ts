import * as z from 'zod'
import { groups, sizes, type Group } from './features.ts'

/** How the features are made: a model is read only by the code that knows its features. */
export const edition = 1

/** Weights as whole numbers from -127 to 127, in base64, and what one of them counts. */
const weights = z.object({ scale: z.number().nonnegative(), base64: z.string().max(120_000) })
export type Weights = z.infer<typeof weights>

const share = z.number().min(0).max(1)

/** A tenth of the rows, in the order of what was foretold: what was foretold of them, and what came true. */
export const step = z.object({ foretold: share, true: share, rows: z.int().positive() })

/** A trained classifier as it is kept: everything that is needed to ask it, and what it was made of. */
export const model = z.object({
  edition: z.literal(edition),
  /** What is expected of a prompt that says nothing: how much better the weak model does. */
  base: z.number(),
  groups: z.object({ words: weights, pairs: weights, letters: weights, signs: weights }),
  /** What kinds of task add, where they are told; those that are not here add nothing. */
  tasks: z.record(z.string(), z.number()),
  /** From what is expected to a probability: 1 / (1 + exp(-(slope · expected + offset))). */
  slope: z.number().nonnegative(),
  offset: z.number(),
  trained: z.object({
    rows: z.int().nonnegative(),
    tasks: z.int().nonnegative(),
    /** How well the strong one and the weak one did on average. */
    strong: share,
    weak: share,
    /** In how many of the rows the weak one would have done. */
    suffices: share,
    /** On rows that were held back in turn: how far what is foretold is from the truth on average, and step by step. */
    error: share,
    curve: z.array(step),
    /** On those too: the share of the quality that is lost where the easiest 0, 1, 2 … 100 % go to the weak one. */
    losses: z.array(z.number()).max(101),
  }),
})
export type Model = z.infer<typeof model>
export type Step = z.infer<typeof step>

/** As kept: rounded to 8 bits, which changes the order of prompts less than another draw of rows does. */
export function packed(values: Float64Array): Weights {
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  const scale = most / 127
  let text = ''
  for (const value of values) text += String.fromCharCode((scale === 0 ? 0 : Math.round(value / scale)) & 255)
  return { scale, base64: btoa(text) }
}

const unpacked = ({ base64 }: Weights, size: number): Int8Array => {
  const text = atob(base64)
  const found = new Int8Array(size)
  for (let at = 0; at < size; at++) found[at] = text.charCodeAt(at)
  return found
}

/** The weights of a model, unpacked once. */
export type Opened = Record<Group, Int8Array>
const opened = new WeakMap<Model, Opened>()

export function open(of: Model): Opened {
  const known = opened.get(of)
  if (known !== undefined) return known
  const made = Object.fromEntries(groups.map((group) => [group, unpacked(of.groups[group], sizes[group])])) as Opened
  opened.set(of, made)
  return made
}
