/**
 * An upper bound of an amount, linear in what the bound names around it hold: so many, and so many times each. In
 * `lines.map(line, [line, line])` the inside holds 2 and twice what `line` does.
 */
export type Amount = { readonly base: number; readonly times: ReadonlyMap<Held, number> }

/** What a bound name holds, of one measure. */
export type Held = `${string}#${'items' | 'text'}`

/** The most that each bound name holds. */
export type Most = ReadonlyMap<Held, number>

const none: ReadonlyMap<Held, number> = new Map()

export const fixed = (base: number): Amount => ({ base, times: none })
export const asMuchAs = (held: Held): Amount => ({ base: 0, times: new Map([[held, 1]]) })

const join = (a: Amount, b: Amount, of: (x: number, y: number) => number): Amount => {
  const base = of(a.base, b.base)
  if (a.times.size === 0 && b.times.size === 0) return fixed(base)
  const names = new Set([...a.times.keys(), ...b.times.keys()])
  return { base, times: new Map([...names].map((name) => [name, of(a.times.get(name) ?? 0, b.times.get(name) ?? 0)])) }
}

export const plus = (...amounts: readonly Amount[]): Amount =>
  amounts.reduce((a, b) => join(a, b, (x, y) => x + y), fixed(0))

/** No less than either. */
export const either = (a: Amount, b: Amount): Amount => join(a, b, Math.max)

export const scaled = ({ base, times }: Amount, by: number): Amount => ({
  base: base * by,
  times: new Map([...times].map(([name, factor]) => [name, factor * by])),
})

/** The amount where each bound name holds the most. */
export const atMost = ({ base, times }: Amount, most: Most): number =>
  [...times].reduce((sum, [name, factor]) => sum + factor * (most.get(name) ?? 0), base)

/** No less than one times the other. */
export const product = (a: Amount, b: Amount, most: Most): Amount => {
  if (a.times.size === 0) return scaled(b, a.base)
  return scaled(a, atMost(b, most))
}

/** The amount with other amounts in the place of what bound names hold. */
export const substituted = ({ base, times }: Amount, by: ReadonlyMap<Held, Amount>): Amount =>
  plus(
    { base, times: new Map([...times].filter(([name]) => !by.has(name))) },
    ...[...by].flatMap(([name, amount]) => {
      const factor = times.get(name)
      return factor === undefined ? [] : [scaled(amount, factor)]
    }),
  )
