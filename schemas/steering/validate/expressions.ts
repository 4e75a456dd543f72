import { referencesIn } from '../../automation/expression/references.ts'
import { isObject } from '../../automation/json.ts'
import { spoken } from '../../automation/expression/spoken.ts'
import type { Parameter } from '../actions.ts'
import type { Rule } from '../document.ts'
import { check, expressionOf } from '../language.ts'
import type { Catalogue } from './catalogue.ts'
import type { Finding } from './finding.ts'

/** What is wrong with the expressions of a rule; `path` leads to the rule. */
export function expressionFindings({ when, also }: Rule, path: Finding['path'], catalogue: Catalogue): Finding[] {
  const values = Object.entries(also?.set ?? {}).flatMap(([parameter, to]) =>
    isObject(to) && typeof to['cel'] === 'string'
      ? findings(to['cel'], [...path, 'also', 'set', parameter, 'cel'], takes[parameter as Parameter], catalogue)
      : [],
  )
  return [...(when === undefined ? [] : findings(when, [...path, 'when'], condition, catalogue)), ...values]
}

type Takes = { type: RegExp; sentence: string }
const condition: Takes = { type: /^(bool|dyn)$/, sentence: 'A condition is true or false' }
const number: Takes = { type: /^(double|u?int|dyn)$/, sentence: 'This parameter is a number' }
const text: Takes = { type: /^(string|dyn)$/, sentence: 'This parameter is a text' }
const takes: Record<Parameter, Takes> = {
  temperature: number,
  topP: number,
  maxTokens: number,
  seed: number,
  effort: text,
  verbosity: text,
  serviceTier: text,
  parallelTools: { ...condition, sentence: 'This parameter is true or false' },
  trim: { ...condition, sentence: 'This parameter is true or false' },
}

const findings = (expression: string, path: Finding['path'], takes: Takes, catalogue: Catalogue): Finding[] => {
  const checked = check(expression)
  if ('wrong' in checked) {
    const { meant, range, ...said } = checked.wrong
    const fix = meant === undefined ? {} : { write: { as: meant } }
    return [{ ...said, path, ...(range === undefined ? {} : { range }), ...fix }]
  }
  if (!takes.type.test(checked.type))
    return [{ code: 'type_error', path, message: `${takes.sentence}; this gives ${spoken(checked.type)}.` }]
  return [...headerFindings(expression, path, catalogue), ...classifierFindings(expression, path, catalogue)]
}

const headerFindings = (expression: string, path: Finding['path'], { headers }: Catalogue): Finding[] =>
  referencesIn(expressionOf(expression).ast).flatMap(({ path: [root, name], start, end }): Finding[] => {
    if (root !== 'headers' || name === undefined) return []
    const range = { start, end }
    const small = name.toLowerCase()
    const level = 'warning'
    if (name !== small) {
      const as = expression.slice(start, end).replace(name, () => small)
      const message = 'Headers are known by their names in small letters.'
      return [{ code: 'header_case', path, message, range, level, write: { as } }]
    }
    if (headers === undefined || headers.includes(name)) return []
    return [{ code: 'unknown_name', path, message: `Rules do not see the header “${name}”.`, range, level }]
  })

const classifierFindings = (expression: string, path: Finding['path'], { classifier }: Catalogue): Finding[] =>
  classifier !== false
    ? []
    : referencesIn(expressionOf(expression).ast)
        .filter(({ path: [root, name] }) => root === 'prompt' && (name === 'easy' || name === 'suffices'))
        .map(({ path: [, name = ''], start, end }) => ({
          code: 'no_classifier',
          path,
          message: `No classifier is in force: what reads prompt.${name} does not hold until there is one.`,
          range: { start, end },
          level: 'warning',
        }))
