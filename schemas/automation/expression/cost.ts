import type { ASTNode } from '@marcbachmann/cel-js'
import { Failure } from '../failure.ts'
import { isObject } from '../json.ts'
import {
  asMuchAs,
  atMost,
  either,
  fixed,
  plus,
  product,
  scaled,
  substituted,
  type Amount,
  type Held,
} from './amount.ts'
import { below, boundBy, methodCall, pathOf, type MethodCall } from './tree.ts'

/**
 * How often the inside of an expression may be evaluated. An expression is evaluated within one workflow task, which
 * has to answer within seconds, and nothing ends it half-way.
 */
export const mostRounds = 4_000_000

/** How much an expression may make, in characters of JSON: what a step gives has to fit in the memory of a worker. */
export const mostText = 64_000_000

/**
 * What refuses data over which this expression would go too often, or of which it would make too much: lists gone
 * through within lists multiply, and what is put twice into a list that is gone through again doubles each time.
 */
export const endsInTime = (tree: ASTNode): ((names: object) => void) => {
  if (binders(tree) < 2) return () => {}
  return (names) => {
    const { rounds, items, text } = boundsOf(tree, names)
    if (Math.max(rounds, items) > mostRounds)
      throw new Failure(
        'expression_failed',
        `The expression goes through lists more often than ${mostRounds} times with this data. Go through them in a loop or a code step.`,
      )
    if (text > mostText)
      throw new Failure(
        'expression_failed',
        `The expression would make more than ${mostText / 1_000_000} MB of this data. Make less of it, or go through it in a loop.`,
      )
  }
}

/** No less than the rounds through lists that an expression takes, and the list items and the JSON that it gives. */
export const boundsOf = (tree: ASTNode, names: object): { rounds: number; items: number; text: number } => {
  const { rounds, items, text } = costOf(tree, { names, most: new Map() })
  return { rounds: rounds.base, items: items.base, text: text.base }
}

/** The calls that bind a name, anywhere in an expression: with one of them, what is made is in proportion to the data. */
const binders = (node: ASTNode): number => {
  const called = methodCall(node)
  const own = called !== null && (boundBy(called) !== null || isBind(called)) ? 1 : 0
  return below(called === null ? node.args : [called.receiver, ...called.parameters]).reduce(
    (sum, one) => sum + binders(one),
    own,
  )
}

/** Upper bounds of how often the inside of lists is evaluated, and of the list items and the JSON that come out. */
type Cost = { rounds: Amount; items: Amount; text: Amount }

/** The data, and the most that the names bound around a node hold. */
type Scope = { names: object; most: ReadonlyMap<Held, number> }

/** The JSON of a number, a time or a yes or no, at most. */
const scalarText = 24
const scalar = (rounds: Amount): Cost => ({ rounds, items: fixed(0), text: fixed(scalarText) })

/** Texts are compared and copied so many characters in the time of a round. */
const textPerRound = 256
const passOver = (costs: readonly Cost[]): Amount =>
  plus(...costs.flatMap(({ items, text }) => [items, scaled(text, 1 / textPerRound)]))

const costOf = (node: ASTNode, scope: Scope): Cost => {
  const path = pathOf(node)
  if (path !== null) return costOfPath(path, scope)
  if (node.op === 'value') return { rounds: fixed(0), items: fixed(0), text: fixed(textIn(node.args)) }
  const called = methodCall(node)
  if (called !== null) return costOfMethod(called, scope)
  const parts = below(node.args).map((one) => costOf(one, scope))
  const rounds = plus(...parts.map((one) => one.rounds))
  const items = plus(...parts.map((one) => one.items))
  const text = plus(...parts.map((one) => one.text))
  switch (node.op) {
    case 'list':
      return { rounds, items: plus(items, fixed(parts.length)), text: plus(text, fixed(parts.length + 2)) }
    case 'map':
      return { rounds, items, text: plus(text, fixed(2 * parts.length + 2)) }
    case '+':
      return { rounds: plus(rounds, passOver(parts)), items, text: plus(text, fixed(scalarText)) }
    case '==':
    case '!=':
    case 'in':
      return scalar(plus(rounds, passOver(parts)))
    case '?:':
      return parts.slice(1).reduce((a, b) => ({
        rounds,
        items: either(a.items, b.items),
        text: either(a.text, b.text),
      }))
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return { ...(parts[0] ?? scalar(rounds)), rounds }
    case 'call':
      return costOfFunction(String((node.args as readonly unknown[])[0]), parts, rounds, scope)
    default:
      return scalar(rounds)
  }
}

const costOfPath = ([root = '', ...path]: readonly string[], { names, most }: Scope): Cost => {
  if (most.has(`${root}#items`))
    return { rounds: fixed(0), items: asMuchAs(`${root}#items`), text: asMuchAs(`${root}#text`) }
  const value = [root, ...path].reduce<unknown>((of, field) => (isObject(of) ? of[field] : undefined), names)
  return { rounds: fixed(0), items: fixed(itemsIn(value)), text: fixed(textIn(value)) }
}

const isBind = ({ method, receiver, parameters: [name] }: MethodCall): boolean =>
  method === 'bind' && receiver.op === 'id' && receiver.args === 'cel' && name?.op === 'id'

const costOfMethod = (called: MethodCall, scope: Scope): Cost => {
  const { method, receiver, parameters } = called
  if (isBind(called)) return costOfBind(called, scope)
  const name = boundBy(called)
  if (name !== null) return costOfLoop(called, name, scope)
  const parts = [receiver, ...parameters].map((one) => costOf(one, scope))
  return costOfFunction(method, parts, plus(...parts.map((one) => one.rounds)), scope)
}

/** `cel.bind(name, value, inside)`: the inside, with the value in the place of the name. */
const costOfBind = ({ parameters: [name, value, inside] }: MethodCall, scope: Scope): Cost => {
  if (name?.op !== 'id' || value === undefined || inside === undefined) return scalar(fixed(0))
  const held = costOf(value, scope)
  const { rounds, items, text } = costOf(inside, within(scope, name.args, held))
  const by = holding(name.args, held)
  return {
    rounds: plus(held.rounds, substituted(rounds, by)),
    items: substituted(items, by),
    text: substituted(text, by),
  }
}

/** `list.map(name, inside)` and the like: the inside once for each item, which together hold what the list does. */
const costOfLoop = ({ method, receiver, parameters }: MethodCall, name: string, scope: Scope): Cost => {
  const list = costOf(receiver, scope)
  const by = holding(name, list)
  const inner = within(scope, name, list)
  const forEach = (amount: Amount): Amount => {
    const ofTheItem = { base: 0, times: new Map([...amount.times].filter(([held]) => by.has(held))) }
    const besides = { base: amount.base, times: new Map([...amount.times].filter(([held]) => !by.has(held))) }
    return plus(substituted(ofTheItem, by), product(list.items, besides, scope.most))
  }
  const parts = parameters.slice(1).map((one) => costOf(one, inner))
  const rounds = plus(list.rounds, forEach(plus(fixed(1), ...parts.map((one) => one.rounds))))
  const made = parts.at(-1)
  if (method === 'filter') return { rounds, items: list.items, text: list.text }
  if (method !== 'map' || made === undefined) return scalar(rounds)
  return {
    rounds,
    items: forEach(plus(made.items, fixed(1))),
    text: plus(fixed(2), forEach(plus(made.text, fixed(1)))),
  }
}

const holding = (name: string, { items, text }: Cost): ReadonlyMap<Held, Amount> =>
  new Map<Held, Amount>([
    [`${name}#items`, items],
    [`${name}#text`, text],
  ])

const within = ({ names, most }: Scope, name: string, held: Cost): Scope => ({
  names,
  most: new Map([...most, ...[...holding(name, held)].map(([key, amount]) => [key, atMost(amount, most)] as const)]),
})

/** How many times the text of what it is given a function may give; once, where it is not named. */
const textOf: Readonly<Record<string, number>> = { json: 6, bytes: 12, hex: 2, base64: 2 }

const costOfFunction = (name: string, parts: readonly Cost[], before: Amount, { most }: Scope): Cost => {
  const items = plus(...parts.map((one) => one.items))
  const text = plus(...parts.map((one) => one.text))
  const rounds = name === 'size' || name === 'has' ? before : plus(before, passOver(parts))
  const made = plus(scaled(text, textOf[name] ?? 1), fixed(scalarText))
  if (name === 'split') return { rounds, items: plus(text, fixed(1)), text: scaled(made, 4) }
  if (name === 'bytes') return { rounds, items: scaled(text, 3), text: made }
  const [list, separator] = parts
  if (name === 'join' && list !== undefined && separator !== undefined)
    return { rounds, items: fixed(0), text: plus(made, product(list.items, separator.text, most)) }
  return { rounds, items, text: made }
}

/** Entries of all lists in a value, those within others too. */
const itemsIn = (value: unknown): number => {
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  return inside.reduce<number>((sum, one) => sum + itemsIn(one), Array.isArray(value) ? value.length : 0)
}

/** The length of a value as JSON, about. */
const textIn = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 2
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + textIn(one) + 1, 2)
  if (isObject(value)) return Object.entries(value).reduce((sum, [key, one]) => sum + key.length + 4 + textIn(one), 2)
  return scalarText
}
