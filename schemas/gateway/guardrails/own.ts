import { RE2JS } from 're2js'
import type { Finder } from './finder.ts'

/** The most characters that a pattern of one's own may meet: so many are held back of an answer that comes bit by bit. */
export const mostLong = 200

/** Why a pattern cannot be taken; null where it can. */
export function wrongOwn(pattern: string): string | null {
  try {
    RE2JS.compile(pattern)
  } catch {
    return 'is no pattern of RE2'
  }
  const long = lengthOf(pattern)
  if (long === Infinity) return 'has no longest match: write how often at the most, as {1,20}, in place of + and *'
  if (long > mostLong) return `meets up to ${long} characters; ${mostLong} are the most`
  return RE2JS.compile(pattern).matcher('').find() ? 'meets nothing at all as well' : null
}

/** Finds what a pattern of RE2 meets, in time that goes by the length of the text whatever the pattern. */
export function own(what: string, pattern: string): Finder {
  const compiled = RE2JS.compile(pattern)
  const long = lengthOf(pattern)
  return {
    next(text, from) {
      const matcher = compiled.matcher(text)
      if (!matcher.find(from) || matcher.end() === matcher.start()) return null
      return { what, from: matcher.start(), start: matcher.start(), end: matcher.end() }
    },
    // it may also want to see the character after it
    open: (text, from) => Math.max(from, text.length - long),
  }
}

/** The most UTF-16 units that a pattern meets; Infinity where it says no end. It is one that RE2 takes. */
export function lengthOf(pattern: string): number {
  let at = 0
  const peek = () => pattern.charAt(at)
  const alternatives = (): number => {
    let most = sequence()
    while (peek() === '|') {
      at++
      most = Math.max(most, sequence())
    }
    return most
  }
  const sequence = (): number => {
    let sum = 0
    while (at < pattern.length && peek() !== '|' && peek() !== ')') sum += times(atom())
    return sum
  }
  const atom = (): number => {
    const sign = peek()
    at++
    if (sign === '^' || sign === '$') return 0
    if (sign === '(') return group()
    if (sign === '[') return charactersOf()
    if (sign === '\\') return escaped()
    if (sign === '.') return 2
    if (sign < '\ud800' || sign > '\udbff') return 1
    at++
    return 2
  }
  const group = (): number => {
    const [flags = ''] = /^\?(?:P?<\w+>|[imsU-]*:?)/.exec(pattern.slice(at)) ?? []
    at += flags.length
    const long = flags !== '' && !/[:>]$/.test(flags) ? 0 : alternatives()
    at++
    return long
  }
  const charactersOf = (): number => {
    if (peek() === '^') at++
    // one that stands first is none that ends it
    if (peek() === ']') at++
    while (at < pattern.length && peek() !== ']') {
      if (pattern.startsWith('[:', at)) at = pattern.indexOf(':]', at) + 1
      else if (peek() === '\\') at++
      at++
    }
    at++
    return 2
  }
  const escaped = (): number => {
    const sign = peek()
    at++
    if (/[bBAz]/.test(sign)) return 0
    if (/[^pPxQ0-7DSWC]/.test(sign)) return 1
    if (sign === 'Q') {
      const end = pattern.indexOf(String.raw`\E`, at)
      const long = (end === -1 ? pattern.length : end) - at
      at += long + (end === -1 ? 0 : 2)
      return long
    }
    const [more = ''] =
      (sign === 'p' || sign === 'P' || sign === 'x' ? /^(?:\{[^}]*\}|[\dA-Fa-f]{2}|\w)/ : /^[0-7]{0,2}/).exec(
        pattern.slice(at),
      ) ?? []
    if (sign === 'p' || sign === 'P' || sign === 'x' || /[0-7]/.test(sign)) at += more.length
    return 2
  }
  const times = (long: number): number => {
    let all = long
    for (;;) {
      const [said] = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(pattern.slice(at)) ?? []
      if (said === undefined) return all
      at += said.length
      if (said.startsWith('?')) continue
      const most = /^\{(\d+)(,(\d*))?\}/.exec(said)
      const count = most === null || most[3] === '' ? Infinity : Number(most[3] ?? most[1])
      all = count === 0 || all === 0 ? 0 : all * count
    }
  }
  return alternatives()
}
