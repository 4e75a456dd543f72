import { groups, placesOf } from '#schemas/gateway/classifier/features.ts'
import type { Outcome } from '#schemas/gateway/classifier/outcome.ts'
import { spread } from '#schemas/gateway/classifier/outcome.ts'
import { signsOf } from '#schemas/gateway/classifier/signs.ts'

/** What was tried besides the classifier of the product: each learns from rows, and scores a row the higher, the easier it is. */
export type Approach = (rows: readonly Outcome[]) => (row: Outcome) => number

const gain = ({ strong, weak }: Outcome): number => weak - strong
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1)

/** The shorter or the longer, whichever was easier. */
const length: Approach = (rows) => {
  const logs = rows.map(({ prompt }) => Math.log(prompt.length + 1))
  const [x, y] = [meanOf(logs), meanOf(rows.map(gain))]
  const slope = rows.reduce((sum, row, at) => sum + ((logs[at] as number) - x) * (gain(row) - y), 0)
  return ({ prompt }) => Math.sign(slope) * Math.log(prompt.length + 1)
}

/** The kind of task alone: what it came to in the mean, less an error of it, drawn towards the mean of all by ten rows. */
const task: Approach = (rows) => {
  const all = meanOf(rows.map(gain))
  const spreadOfAll = Math.sqrt(meanOf(rows.map((row) => (gain(row) - all) ** 2)))
  const of = new Map<string, number>()
  for (const [name, part] of Map.groupBy(rows, ({ task: one }) => one)) {
    const mean = (part.reduce((sum, row) => sum + gain(row), 0) + 10 * all) / (part.length + 10)
    of.set(name, mean - spreadOfAll / Math.sqrt(part.length + 10))
  }
  return (row) => of.get(row.task) ?? all - spreadOfAll
}

/** The like of fifty neighbours: places hashed into 96 numbers, rare ones counting more, compared by their angle. */
const dimensions = 96
const angle = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let at = 0; at < dimensions; at++) sum += (a[at] as number) * (b[at] as number)
  return sum
}
const neighbours: Approach = (rows) => {
  const often = new Map<number, number>()
  const keysOf = (prompt: string): number[] => {
    const places = placesOf(prompt)
    return groups.flatMap((group, at) =>
      [...places[group].list.subarray(0, places[group].count)].map((one) => at * 2 ** 17 + one),
    )
  }
  for (const { prompt } of rows) for (const key of keysOf(prompt)) often.set(key, (often.get(key) ?? 0) + 1)
  const embed = (prompt: string): Float64Array => {
    const out = new Float64Array(dimensions)
    for (const key of keysOf(prompt)) {
      const hash = spread(key + 1)
      const weight = Math.log(rows.length / (often.get(key) ?? 1) + 1)
      const at = hash % dimensions
      out[at] = (out[at] as number) + (hash & 0x10000 ? weight : -weight)
    }
    const size = Math.hypot(...out) || 1
    return out.map((one) => one / size)
  }
  const known = rows.map(({ prompt }) => embed(prompt))
  return ({ prompt }) => {
    const one = embed(prompt)
    const near = known
      .map((other, row) => ({ row, like: angle(one, other) }))
      .toSorted((a, b) => b.like - a.like)
      .slice(0, 50)
    return meanOf(near.map(({ row }) => gain(rows[row] as Outcome)))
  }
}

/** Two hundred boosted stumps over the signs of a text: each asks one sign whether it is above a step. */
const stumps: Approach = (rows) => {
  const signs = (prompt: string): number[] =>
    signsOf(prompt.slice(-4000), prompt.length).map(([, value]) => Math.round(value))
  const x = rows.map(({ prompt }) => signs(prompt))
  const width = x[0]?.length ?? 0
  const base = meanOf(rows.map(gain))
  const left = rows.map((row) => gain(row) - base)
  const trees: { sign: number; above: number; yes: number; no: number }[] = []
  for (let round = 0; round < 200; round++) {
    let best = { sign: 0, above: 0, yes: 0, no: 0, explains: -1 }
    for (let sign = 0; sign < width; sign++) {
      const sums = new Float64Array(42)
      const counts = new Float64Array(42)
      x.forEach((one, row) => {
        const step = Math.max(0, Math.min(41, one[sign] as number))
        sums[step] = (sums[step] as number) + (left[row] as number)
        counts[step] = (counts[step] as number) + 1
      })
      const [all, count] = [sums.reduce((a, b) => a + b, 0), rows.length]
      let [sum, n] = [0, 0]
      for (let above = 0; above < 41; above++) {
        sum += sums[above] as number
        n += counts[above] as number
        const [no, yes] = [sum / (n + 20), (all - sum) / (count - n + 20)]
        const explains = no * sum + yes * (all - sum)
        if (explains > best.explains) best = { sign, above, yes, no, explains }
      }
    }
    const { sign, above, yes, no } = best
    trees.push({ sign, above, yes: 0.1 * yes, no: 0.1 * no })
    x.forEach((one, row) => {
      left[row] = (left[row] as number) - 0.1 * ((one[sign] as number) > above ? yes : no)
    })
  }
  return ({ prompt }) => {
    const one = signs(prompt)
    return trees.reduce((sum, { sign, above, yes, no }) => sum + ((one[sign] as number) > above ? yes : no), base)
  }
}

/** Logistic regression over hashed words alone, whether the weak one suffices, by ten rounds of stochastic descent. */
const logistic: Approach = (rows) => {
  const weights = new Float64Array(2 ** 15)
  const squares = new Float64Array(2 ** 15).fill(1e-3)
  const wordsOf = (prompt: string): Int32Array => {
    const { words } = placesOf(prompt)
    return words.list.slice(0, words.count)
  }
  const all = rows.map((row) => ({ words: wordsOf(row.prompt), yes: gain(row) >= 0 ? 1 : 0 }))
  const base = Math.log((all.filter(({ yes }) => yes).length + 1) / (all.filter(({ yes }) => !yes).length + 1))
  const logit = (words: Int32Array) =>
    base + words.reduce((sum, at) => sum + (weights[at] as number), 0) / Math.sqrt(Math.max(words.length, 1))
  for (let round = 0; round < 10; round++)
    for (const { words, yes } of all) {
      const wrong = (1 / (1 + Math.exp(-logit(words))) - yes) / Math.sqrt(Math.max(words.length, 1))
      for (const at of words) {
        const slope = wrong + 0.003 * (weights[at] as number)
        squares[at] = (squares[at] as number) + slope * slope
        weights[at] = (weights[at] as number) - (0.1 * slope) / Math.sqrt(squares[at])
      }
    }
  return ({ prompt }) => logit(wordsOf(prompt))
}

export const approaches: Record<string, Approach> = { length, task, neighbours, stumps, logistic }
