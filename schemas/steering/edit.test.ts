import { expect, test } from 'vitest'
import type { Change } from './change.ts'
import { edit } from './edit.ts'

const text = `# who gets what
name: House rules   # of the north
description: "What we agreed on"

rules:
  # Contracts never leave.
  - id: contracts # since May
    when: |
      prompt.text.contains("contract") &&  # any
      request.kind == "chat"
    also:
      tag: [contract, legal]   # for the bill
      guardrail: { pii: mask }
    decide:
      route: 'eu'

  # Cheap when short.
  # Tried in June.
  - id: short
    enabled: true
    when: prompt.tokens < 500
    decide: { route: small } # fine
    # ask Ann before this goes

  - id: rest
    decide:
      keep: true
# the end
`
const changed = (change: Change) => edit(text, change)
/** A line of the text in place of another, and nothing else. */
const with_ = (from: string, to: string) => {
  expect(text).toContain(from)
  return text.replace(from, () => to)
}

test('a value is changed in its place, in its quotes, before its comment', () => {
  expect(changed({ do: 'set', rule: 'contracts', path: '/decide/route', value: 'eu-large' })).toBe(
    with_("'eu'", "'eu-large'"),
  )
  expect(changed({ do: 'set', rule: null, path: '/name', value: 'Rules: all' })).toBe(
    with_('name: House rules ', 'name: "Rules: all" '),
  )
  expect(changed({ do: 'set', rule: 'short', path: '/decide/route', value: 'tiny' })).toBe(
    with_('{ route: small }', '{ route: tiny }'),
  )
  expect(changed({ do: 'set', rule: 'contracts', path: '/id', value: 'papers' })).toBe(
    with_('id: contracts #', 'id: papers #'),
  )
})

test('a rule is turned off and on', () => {
  expect(changed({ do: 'set', rule: 'short', path: '/enabled', value: false })).toBe(
    with_('enabled: true', 'enabled: false'),
  )
  expect(changed({ do: 'set', rule: 'short', path: '/enabled' })).toBe(with_('    enabled: true\n', ''))
  expect(changed({ do: 'set', rule: 'contracts', path: '/enabled', value: false })).toBe(
    with_('since May\n', 'since May\n    enabled: false\n'),
  )
})

test('a condition over several lines is written as a block', () => {
  expect(changed({ do: 'set', rule: 'short', path: '/when', value: 'request.stream\n&& true\n' })).toBe(
    with_('when: prompt.tokens < 500', 'when: |\n      request.stream\n      && true'),
  )
  expect(changed({ do: 'set', rule: 'contracts', path: '/when', value: 'request.stream' })).toContain(
    '    when: request.stream\n    also:',
  )
})

test('a list and a map in brackets stay in brackets', () => {
  expect(changed({ do: 'set', rule: 'contracts', path: '/also/tag/-', value: 'eu' })).toBe(
    with_('[contract, legal]', '[contract, legal, eu]'),
  )
  expect(changed({ do: 'set', rule: 'contracts', path: '/also/tag/0' })).toBe(with_('[contract, legal]', '[legal]'))
  expect(changed({ do: 'set', rule: 'contracts', path: '/also/guardrail/injection', value: 'block' })).toBe(
    with_('{ pii: mask }', '{ pii: mask, injection: block }'),
  )
})

test('a rule that is added stands as its neighbours do', () => {
  const rule = { id: 'night', when: 'now.hour < 6', also: { tag: ['night'] }, decide: { route: 'small' } }
  const lines = `  - id: night
    when: now.hour < 6
    also:
      tag: [ night ]
    decide:
      route: small
`
  expect(changed({ do: 'add_rule', rule })).toBe(with_('      keep: true\n', `      keep: true\n\n${lines}`))
  expect(changed({ do: 'add_rule', rule, at: 1 })).toBe(with_('  # Cheap when', `${lines}\n  # Cheap when`))
  expect(changed({ do: 'add_rule', rule, at: 0 })).toBe(with_('  # Contracts never', `${lines}\n  # Contracts never`))
})

test('with a rule go its comments, and no others', () => {
  const [, short = ''] = /( {2}# Cheap[\s\S]*?goes\n\n)/.exec(text) ?? []
  expect(changed({ do: 'remove_rule', rule: 'short' })).toBe(with_(short, ''))
  const [, contracts = ''] = /( {2}# Contracts[\s\S]*?'eu'\n\n)/.exec(text) ?? []
  expect(changed({ do: 'remove_rule', rule: 'contracts' })).toBe(with_(contracts, ''))
  expect(changed({ do: 'remove_rule', rule: 'rest' })).toBe(
    with_('\n  - id: rest\n    decide:\n      keep: true\n', ''),
  )
})

test('a rule that is moved takes its comments along', () => {
  const [, short = ''] = /( {2}# Cheap[\s\S]*?goes\n\n)/.exec(text) ?? []
  expect(changed({ do: 'move_rule', rule: 'short', to: 0 })).toBe(
    with_(short, '').replace('  # Contracts', () => `${short}  # Contracts`),
  )
  expect(changed({ do: 'move_rule', rule: 'short', to: 2 })).toBe(
    with_(short, '').replace('keep: true\n', () => `keep: true\n\n${short.trimEnd()}\n`),
  )
})

test('the last part of a rule and the last rule can be taken away', () => {
  expect(changed({ do: 'set', rule: 'contracts', path: '/also/guardrail/pii' })).toBe(with_('{ pii: mask }', '{}'))
  expect(edit('name: a\nrules:\n  - id: a\n', { do: 'remove_rule', rule: 'a' })).toBe('name: a\nrules: []\n')
  expect(edit('name: a\nrules: []\n', { do: 'add_rule', rule: { id: 'a', decide: { keep: true } } })).toBe(
    'name: a\nrules:\n  - id: a\n    decide:\n      keep: true\n',
  )
})

test('what is not there (any more) is not changed', () => {
  for (const change of [
    { do: 'remove_rule', rule: 'gone' },
    { do: 'move_rule', rule: 'gone', to: 1 },
    { do: 'set', rule: 'gone', path: '/when', value: 'true' },
    { do: 'set', rule: 'short', path: '/__proto__/x', value: 1 },
    { do: 'set', rule: 'short', path: '/enabled', value: true },
  ] satisfies Change[])
    expect(changed(change)).toBe(text)
})

test('a text that is no YAML is not changed', () => {
  expect(() => edit('name: "a', { do: 'remove_rule', rule: 'a' })).toThrow('Something is missing here')
})

test('lines end as they did', () => {
  const windows = text.replaceAll('\n', '\r\n')
  const change: Change = { do: 'add_rule', rule: { id: 'night', when: 'a\nb', decide: { route: 'x' } }, at: 1 }
  expect(edit(windows, change)).toBe(edit(text, change).replaceAll('\n', '\r\n'))
})

test('a text that keeps the blank lines behind it can be changed', () => {
  const kept = 'name: a\ndescription: |+\n  one\n\nrules: [] # none yet\n'
  expect(edit(kept, { do: 'set', rule: null, path: '/description', value: 'two' })).toBe(
    'name: a\ndescription: two\nrules: [] # none yet\n',
  )
})
