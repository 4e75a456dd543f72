import { canonical } from '../../automation/json.ts'
import { momentMs } from '../../automation/moment.ts'
import { inOrder } from '../compile.ts'
import type { Rule } from '../document.ts'
import { covers } from '../scope.ts'
import type { Finding } from './finding.ts'

type Path = Finding['path']

/** What is wrong with a rule by itself. */
export function ruleFindings({ from, until, also, decide }: Rule, path: Path): Finding[] {
  const found: Finding[] = []
  const say = (code: Finding['code'], at: Path, message: string, level?: 'warning') =>
    found.push({ code, path: [...path, ...at], message, ...(level === undefined ? {} : { level }) })
  const ways = Object.keys(decide ?? {})
  if (decide !== undefined && ways.length === 0)
    say('decides_nothing', ['decide'], '“decide” says one of route, downgrade, keep or deny.')
  if (ways.length > 1)
    say('decides_twice', ['decide', ways[1] ?? ''], `“decide” says one thing; here it says ${ways.join(' and ')}.`)
  if (decide === undefined && Object.keys(also ?? {}).length === 0)
    say('does_nothing', [], 'This rule does nothing: it has neither “decide” nor “also”.', 'warning')
  if (from !== undefined && until !== undefined && (momentMs(from) ?? 0) >= (momentMs(until) ?? 0))
    say('never_valid', ['until'], 'This rule is over before it begins.')
  const targets = decide?.route
  if (Array.isArray(targets) && targets.every(({ weight }) => weight === 0))
    say('weightless', ['decide', 'route'], 'All weights are 0: one target at least needs more.')
  const weights = Object.values(also?.weights ?? {})
  if (also?.weights !== undefined && weights.every((weight) => weight === 0))
    say('weightless', ['also', 'weights'], 'All weights are 0: one target at least needs more.')
  return found
}

/** How many rules that always hold are looked at for each of the others. */
const mostCovering = 100

/** Rules that no request gets to, and rules that say again what one before them says. `places` are those in the text. */
export function orderFindings(rules: readonly Rule[], places: ReadonlyMap<Rule, number>): Finding[] {
  const found: Finding[] = []
  const covering: Rule[] = []
  const known = new Map<string, Rule>()
  for (const rule of inOrder(rules)) {
    if (rule.enabled === false) continue
    const path = ['rules', places.get(rule) ?? 0]
    const meaning = meaningOf(rule)
    const twin = known.get(meaning)
    const above = rule.decide === undefined ? undefined : covering.find((other) => covers(other.for, rule.for))
    if (twin !== undefined)
      found.push({ code: 'duplicate_rule', level: 'warning', path, message: `“${twin.id}” says the same before it.` })
    else if (above !== undefined)
      found.push({
        code: 'unreachable',
        level: 'warning',
        path: rule.also === undefined ? path : [...path, 'decide'],
        of: 'key',
        message: `This decides nothing: “${above.id}” always decides before it.`,
      })
    known.set(meaning, twin ?? rule)
    if (alwaysDecides(rule) && covering.length < mostCovering) covering.push(rule)
  }
  return found
}

const alwaysDecides = ({ when = 'true', from, until, decide }: Rule): boolean =>
  decide !== undefined && when.trim() === 'true' && from === undefined && until === undefined

const meaningOf = ({ for: scope, when, from, until, also, decide }: Rule): string =>
  canonical([scope, when?.trim(), from, until, also, decide])
