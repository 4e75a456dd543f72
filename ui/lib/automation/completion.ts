import { functions, newEnvironment, roots } from '#schemas/automation/expression.ts'
import type { JsonSchema } from '#schemas/automation/definition.ts'
import { schemaAt, typeWord } from './scope.ts'
import { inWords } from './words.ts'

export type Suggestion = { label: string; type: 'name' | 'function'; detail: string; about: string | undefined }

const ours = functions.map(({ signature, about }) => ({
  label: signature.slice(0, signature.indexOf('(')),
  type: 'function' as const,
  detail: signature.slice(signature.indexOf('(')),
  about,
}))

const standard: Suggestion[] = [
  ['size', '(list): int', 'How many there are, or how long a text is.'],
  ['has', '(field): bool', 'Whether a field is there.'],
  ['string', '(any): string', 'As text.'],
  ['int', '(any): int', 'As a whole number.'],
  ['double', '(any): double', 'As a number.'],
  ['timestamp', '(string): timestamp', 'A time out of a text.'],
  ['duration', '(string): duration', 'A span of time, like "1h30m".'],
].map(([label = '', detail = '', about]) => ({ label, type: 'function', detail, about }))

const ofTexts: Suggestion[] = [
  ['contains', '(string): bool', 'Whether a text has another in it.'],
  ['startsWith', '(string): bool', 'Whether it begins with another.'],
  ['endsWith', '(string): bool', 'Whether it ends with another.'],
  ['matches', '(string): bool', 'Whether it fits a regular expression.'],
].map(([label = '', detail = '', about]) => ({ label, type: 'function', detail, about }))

const ofLists: Suggestion[] = [
  ['map', '(one, …): list', 'A list of what each becomes.'],
  ['filter', '(one, …): list', 'Those for which it holds.'],
  ['exists', '(one, …): bool', 'Whether it holds for one.'],
  ['all', '(one, …): bool', 'Whether it holds for each.'],
].map(([label = '', detail = '', about]) => ({ label, type: 'function', detail, about }))

/** What a name is for, and what it was at the last. */
const aboutOf = ({ title, description, examples }: JsonSchema): string | undefined => {
  const like = examples?.[0] === undefined ? [] : [`Such as ${inWords(examples[0])}`]
  return [title ?? description, ...like].filter(Boolean).join(' · ') || undefined
}

const plainName = /^[A-Za-z_]\w*$/
const endOfPath = /([A-Za-z_]\w*(?:\.\w+|\[\d+\]|\["[^"]*"\])*)\.(\w*)$/

/** The names before the last point, and what is typed behind it: `steps.read.body[0].na` → steps, read, body, 0 and `na`. */
const pathBefore = (text: string): { path: string[]; last: string } => {
  const [, path, last] = endOfPath.exec(text) ?? []
  if (path === undefined) return { path: [], last: /[A-Za-z_]\w*$/.exec(text)?.[0] ?? '' }
  return { path: path.match(/\w+|(?<=\[")[^"]*(?="\])/g) ?? [], last: last ?? '' }
}

/** What may come next where the caret is, and from which character on it replaces what is there. */
export function suggest(text: string, caret: number, scope: JsonSchema): { from: number; list: Suggestion[] } | null {
  const { path, last } = pathBefore(text.slice(0, caret))
  if (path.length === 0 && last === '' && /["'\w)\]]$/.test(text.slice(0, caret))) return null
  const from = caret - last.length
  const at = path.length === 0 ? scope : schemaAt(scope, path)
  const names: Suggestion[] = Object.entries(at?.properties ?? {})
    .filter(([label]) => plainName.test(label))
    .map(([label, schema]) => ({ label, type: 'name', detail: typeWord(schema), about: aboutOf(schema) }))
  if (path.length === 0) return { from, list: [...names, ...ours, ...standard] }
  const type = String(at?.type)
  const methods =
    type === 'string'
      ? ofTexts
      : type === 'array'
        ? ofLists
        : at === undefined || at.type === undefined
          ? [...ofTexts, ...ofLists]
          : []
  return { from, list: [...names, ...methods] }
}

const words: Record<string, string> = {
  bool: 'yes or no',
  string: 'text',
  int: 'whole number',
  double: 'number',
  null_type: 'nothing',
  dyn: 'anything',
}

let checker: ReturnType<typeof newEnvironment> | undefined

export type Checked = { type: string } | { problem: string; range: { start: number; end: number } | undefined }

/** What an expression gives, in a word, or what is wrong with it. */
export function check(expression: string): Checked {
  if (checker === undefined) {
    checker = newEnvironment()
    for (const root of roots) checker.registerVariable(root, 'dyn')
  }
  const result = checker.check(expression)
  if (!result.valid) {
    const said = (result.error?.message ?? 'It cannot be read.').split('\n')[0] ?? ''
    const range = (result.error as { range?: { start: number; end: number } } | undefined)?.range
    return { problem: /[.!?]$/.test(said) ? said : `${said}.`, range }
  }
  const type = String(result.type)
  return { type: words[type] ?? (type.startsWith('list') ? 'list' : type.startsWith('map') ? 'object' : type) }
}
