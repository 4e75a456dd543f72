import { stringify } from 'yaml'
import { isObject } from '../automation/json.ts'
import { pointer } from '../automation/pointer.ts'
import { documentShape, ruleShape, type Rule, type SteeringDocument } from './document.ts'
import { positions } from './positions.ts'
import { spliced, type Problem, type Splice } from './problem.ts'
import { nodeAt, placer, plainValue, rangeOf, readSource, type Flaw, type Source } from './source.ts'
import { unknownNames, type Catalogue } from './validate/catalogue.ts'
import { expressionFindings } from './validate/expressions.ts'
import type { Finding } from './validate/finding.ts'
import { orderFindings, ruleFindings } from './validate/rules.ts'
import { misfits } from './validate/shape.ts'

export type { Catalogue } from './validate/catalogue.ts'

/** A document, where nothing keeps it from being one, and all that is wrong with the text. */
export type Validated = { document: SteeringDocument | null; problems: Problem[] }

const mostProblems = 200

/** Reads a text as a document of rules and says what is wrong with it, and where. Never throws. */
export function validate(text: string, catalogue: Catalogue = {}): Validated {
  const source = readSource(text)
  if (source.flaws.length > 0) return { document: null, problems: flawProblems(text, source.flaws) }
  const value = plainValue(source)
  const found = [...misfits(value), ...ruleByRule(value, catalogue)]
  const place = placer(text)
  const problems = found.slice(0, mostProblems).map((one) => problemOf(source, place, value, one))
  problems.sort((a, b) => a.span.start.offset - b.span.start.offset)
  const sound = !problems.some(({ level }) => level === 'error')
  return { document: sound ? documentShape.parse(value) : null, problems }
}

/** Rules that have the shape of one are checked for what they mean, even where others have not. */
const ruleByRule = (value: unknown, catalogue: Catalogue): Finding[] => {
  const list = isObject(value) && Array.isArray(value['rules']) ? (value['rules'] as unknown[]) : []
  const places = new Map<Rule, number>()
  const ids = new Map<string, number>()
  const found: Finding[] = []
  for (const [at, one] of list.entries()) {
    const id: unknown = isObject(one) ? one['id'] : undefined
    if (typeof id === 'string' && ids.has(id))
      found.push({ code: 'duplicate_id', path: ['rules', at, 'id'], message: `There is another rule “${id}” above.` })
    if (typeof id === 'string') ids.set(id, at)
    const read = ruleShape.safeParse(one)
    if (!read.success) continue
    const [rule, path] = [read.data, ['rules', at]]
    places.set(rule, at)
    found.push(...ruleFindings(rule, path), ...expressionFindings(rule, path, catalogue))
    found.push(...unknownNames(rule, path, catalogue))
  }
  return [...found, ...orderFindings([...places.keys()], places)]
}

const problemOf = (source: Source, place: ReturnType<typeof placer>, value: unknown, finding: Finding): Problem => {
  const { code, level = 'error', message, path, of, range, write } = finding
  const byKey = of === 'key' || code === 'unknown_key'
  const whole = range === undefined ? rangeOf(source, path, byKey ? 'key' : 'value') : inside(source, path, range)
  const [start, end] =
    path.length === 2 && path[0] === 'rules' && range === undefined ? firstLine(source, whole) : whole
  const fix = write === undefined ? undefined : fixOf(source, path, [start, end], range !== undefined, write)
  return {
    code,
    level,
    message,
    path: pointer(path),
    rule: ruleId(value, path),
    span: place(start, end),
    ...(fix === undefined ? {} : { fix }),
  }
}

const inside = (source: Source, path: Finding['path'], range: { start: number; end: number }): [number, number] => {
  const at = positions(source.text, nodeAt(source, path).value)
  const start = at(range.start)
  return [start, Math.max(start + 1, range.end > range.start ? at(range.end - 1) + 1 : start)]
}

/** A rule as a whole is marked at its first line. */
const firstLine = ({ text }: Source, [start, end]: [number, number]): [number, number] => {
  const line = text.indexOf('\n', start)
  return [start, line === -1 ? end : Math.min(end, line)]
}

const fixOf = (
  source: Source,
  path: Finding['path'],
  [start, end]: [number, number],
  within: boolean,
  { as, of }: NonNullable<Finding['write']>,
): Problem['fix'] => {
  const quoted = within || of === 'key' ? as : scalar(as)
  const [from, to] = of === 'key' ? rangeOf(source, path, 'key') : [start, end]
  return { title: `Write “${as}”`, splices: [{ start: from, end: to, text: quoted }] }
}

const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd()

const ruleId = (value: unknown, [first, at]: Finding['path']): string | null => {
  const rules: unknown = first === 'rules' && isObject(value) ? value['rules'] : undefined
  const rule: unknown = Array.isArray(rules) ? rules[Number(at)] : undefined
  return isObject(rule) && typeof rule['id'] === 'string' ? rule['id'] : null
}

const flawProblems = (text: string, flaws: readonly Flaw[]): Problem[] => {
  const place = placer(text)
  return flaws.map(({ code, message, start, end }, n) => {
    const fix = n === 0 ? quotes(text, start, flaws.length) : null
    return {
      code,
      level: 'error',
      message,
      path: '',
      rule: null,
      span: place(start, end),
      ...(fix === null ? {} : { fix: { title: 'Put it in quotes', splices: [fix] } }),
    }
  })
}

/** What follows the key of the line in quotes, if that leaves less that is wrong. */
const quotes = (text: string, at: number, flaws: number): Splice | null => {
  const begin = text.lastIndexOf('\n', at - 1) + 1
  const [line = ''] = text.slice(begin).split(/\r?\n/, 1)
  const [whole, head = '', said = ''] = /^(\s*(?:- +)?[\w-]+: +)(\S.*?)\s*$/.exec(line) ?? []
  if (whole === undefined || said.startsWith("'")) return null
  const start = begin + head.length
  const splice = { start, end: start + said.length, text: `'${said.replaceAll("'", "''")}'` }
  return readSource(spliced(text, [splice])).flaws.length < flaws ? splice : null
}
