import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { documents } from '#test/harness/steering.ts'
import { same } from '../automation/json.ts'
import { Fault } from '../errors.ts'
import { apply, type Change } from './change.ts'
import type { Rule, SteeringDocument } from './document.ts'
import { edit, rewrite } from './edit.ts'
import { readSource } from './source.ts'
import { validate } from './validate.ts'

const settings = { seed: 20_261_122, numRuns: 300 }

type Style = { blank: boolean; indentSeq: boolean; indent: number; quoted: boolean }
const style: fc.Arbitrary<Style> = fc.record({
  blank: fc.boolean(),
  indentSeq: fc.boolean(),
  indent: fc.constantFrom(2, 4),
  quoted: fc.boolean(),
})

/** One rule as somebody wrote it, with comments above it, behind its id and below its last line. */
const written = (rule: Rule, { indentSeq, indent, quoted }: Style): string => {
  const column = indentSeq ? indent : 0
  const defaultStringType = quoted ? ('QUOTE_DOUBLE' as const) : ('PLAIN' as const)
  const lines = stringify([rule], { indent, indentSeq, lineWidth: 0, defaultStringType, defaultKeyType: 'PLAIN' })
  const commented = lines.replace(/^(.*\bid: .*)$/m, (line) => `${line} # behind ${rule.id}`)
  const own = `# above ${rule.id}\n${commented}  # below ${rule.id}\n`
  return own.replaceAll(/^(?=.)/gm, ' '.repeat(column))
}

const textOf = (document: SteeringDocument, style: Style): string => {
  const rules = document.rules.map((rule) => written(rule, style)).join(style.blank ? '\n' : '')
  return `# the first line\nname: ${document.name} # a name\nrules:${rules === '' ? ' []' : ''}\n${rules}# the last line\n`
}

const paths: [path: string, value: fc.Arbitrary<unknown>][] = [
  ['/enabled', fc.boolean()],
  [
    '/description',
    fc.constantFrom('A line.', 'Two\nlines', '- "odd": {x} # not a comment', ' blank ', '', '\n\nend\n\n'),
  ],
  ['/when', fc.constantFrom('request.stream', 'request.stream &&\n  true\n', '!request.stream', '"a" in tags', 'x: y')],
  ['/also/tag', fc.uniqueArray(fc.constantFrom('a', 'b', 'c:d', 'true', '12'), { minLength: 1 })],
  ['/also/guardrail/pii', fc.constantFrom('mask', 'block')],
  ['/also/set', fc.constantFrom({ temperature: 0.5 }, { effort: { cel: 'prompt.code ? "high" : "low"' } })],
  ['/for/teams/-', fc.constantFrom('sales', '*odd', 'a, b')],
  ['/for', fc.constantFrom({ keys: ['a'], models: ['gpt-*', 'b'] }, undefined)],
  ['/decide', fc.constantFrom({ route: 'x' }, { route: [{ provider: 'a', model: 'b', weight: 2 }] }, { keep: true })],
  ['/decide/route', fc.constantFrom('small', [{ provider: 'a', model: 'c' }], undefined)],
]
const set = fc
  .tuple(fc.nat(), fc.constantFrom(...paths))
  .chain(([at, [path, values]]) => fc.option(values, { nil: undefined }).map((value) => ({ at, path, value })))
const wish = fc.oneof(
  { weight: 4, arbitrary: set.map((one) => ({ do: 'set' as const, ...one })) },
  fc.nat().map((at) => ({ do: 'remove_rule' as const, at })),
  fc.tuple(fc.nat(), fc.nat()).map(([at, to]) => ({ do: 'move_rule' as const, at, to })),
  fc.tuple(fc.nat(), documents(1)).map(([at, { rules }]) => ({ do: 'add_rule' as const, at, rule: rules[0] })),
)

/** A change that can be made now, of one that is wished for. */
const changeOf = (wish_: typeof wish extends fc.Arbitrary<infer T> ? T : never, rules: Rule[], n: number): Change => {
  const id = rules[wish_.at % Math.max(1, rules.length)]?.id ?? 'none'
  switch (wish_.do) {
    case 'set':
      return { do: 'set', rule: id, path: wish_.path, ...(wish_.value === undefined ? {} : { value: wish_.value }) }
    case 'remove_rule':
      return { do: 'remove_rule', rule: id }
    case 'move_rule':
      return { do: 'move_rule', rule: id, to: wish_.to % Math.max(1, rules.length) }
    default: {
      const rule = { decide: { keep: true as const }, ...wish_.rule, id: `new-${n}` }
      return { do: 'add_rule', rule, at: wish_.at % (rules.length + 1) }
    }
  }
}

test('whatever is changed in whatever order: the text says what the changes say, and the rest stands as it stood', () => {
  fc.assert(
    fc.property(documents(6), style, fc.array(wish, { maxLength: 8 }), (document, style, wishes) => {
      let text = textOf(document, style)
      let plain: unknown = parse(text)
      const untouched = new Set(document.rules.map(({ id }) => id))
      const there = new Set(untouched)
      for (const [n, one] of wishes.entries()) {
        const change = changeOf(one, (plain as SteeringDocument).rules, n)
        if (change.do === 'set' && change.rule !== null) untouched.delete(change.rule)
        if (change.do === 'remove_rule') [untouched, there].map((all) => all.delete(change.rule))
        plain = apply(plain, change)
        text = edit(text, change)
        expect(parse(text)).toEqual(JSON.parse(JSON.stringify(plain)))
      }
      const { rules } = plain as SteeringDocument
      // a list of rules that was empty has been written anew
      for (const { id } of there.size > 0 ? document.rules.filter((rule) => there.has(rule.id)) : [])
        for (const place of ['above', 'behind', 'below']) expect(text).toContain(`# ${place} ${id}\n`)
      for (const rule of document.rules.filter(({ id }) => untouched.has(id))) {
        const own = written(rule, style)
        expect(text).toContain(own)
        expect(rules.some((one) => same(one, rule))).toBe(true)
      }
      for (const line of ['# the first line', '# a name', '# the last line']) expect(text).toContain(line)
    }),
    settings,
  )
})

test('a whole other document can be written over a text', () => {
  fc.assert(
    fc.property(documents(6), documents(6), style, (a, b, style) => {
      expect(parse(rewrite(textOf(a, style), b))).toEqual(JSON.parse(JSON.stringify(b)))
    }),
    { ...settings, numRuns: 150 },
  )
})

const sign = fc.constantFrom(
  ...Array.from(' \n\t:-#?[]{},&*!|>\'"%@`\\abc1.0'),
  '  - ',
  ': ',
  'rules:',
  'id: a',
  '\r\n',
  '---\n',
  '💥',
  '\0',
)
const noise = fc.oneof(
  fc.array(sign, { maxLength: 120 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => new TextDecoder().decode(bytes)),
)
const spoiled = fc
  .tuple(documents(3), style, fc.nat(), fc.nat({ max: 40 }), noise)
  .map(([document, style, at, length, noise]) => {
    const text = textOf(document, style)
    const from = at % text.length
    return text.slice(0, from) + noise + text.slice(from + length)
  })

test('no text makes validation or a change fail in another way than with a sentence, and what is marked lies within it', () => {
  fc.assert(
    fc.property(fc.oneof(noise, spoiled), (text) => {
      const { document, problems } = validate(text)
      expect(document === null).toBe(problems.some(({ level }) => level === 'error'))
      for (const { span, fix } of problems) {
        expect(span.start.offset).toBeLessThanOrEqual(span.end.offset)
        expect(span.end.offset).toBeLessThanOrEqual(text.length)
        for (const { start, end } of fix?.splices ?? []) expect(start <= end && end <= text.length).toBe(true)
      }
      const change: Change = { do: 'set', rule: null, path: '/name', value: 'Other' }
      const readable = readSource(text).flaws.length === 0
      if (readable) expect(parse(edit(text, change))).toEqual(apply(parse(text), change))
      else expect(() => edit(text, change)).toThrow(Fault)
    }),
    { ...settings, numRuns: 1500 },
  )
})
