import type { Outcome } from './outcome.ts'

/** What is wrong with a table, in a sentence, and in which line (from 1) where it is in one. */
export class Malformed extends Error {
  readonly line: number | null
  constructor(sentence: string, line: number | null = null) {
    super(line === null ? sentence : `Line ${line}: ${sentence}`)
    this.line = line
  }
}

const columns = ['domain', 'prompt', 'strong_ok', 'weak_ok'] as const
type Column = (typeof columns)[number]

/**
 * Reads outcomes from CSV (RFC 4180): a line of names, among them `domain`, `prompt`, `strong_ok` and `weak_ok` in any order,
 * then a row each. Marks are numbers from 0 to 1. Throws `Malformed` at the first thing that is wrong.
 */
export function readOutcomes(text: string): Outcome[] {
  const table = records(text)
  const head = table.next().value
  if (head === undefined) throw new Malformed('The table is empty. It begins with a line of the names of its columns.')
  const names = head.fields.map((name) => name.trim().toLowerCase())
  const missing = columns.filter((name) => !names.includes(name))
  if (missing.length > 0) throw new Malformed(`There is no column ${missing.join(', ')}.`, head.line)
  const at = Object.fromEntries(columns.map((name) => [name, names.indexOf(name)])) as Record<Column, number>
  const rows: Outcome[] = []
  for (const { fields, line } of table) {
    if (fields.length !== names.length)
      throw new Malformed(`It has ${fields.length} fields, and there are ${names.length} columns.`, line)
    const of = (name: Column): string => fields[at[name]] ?? ''
    const mark = (name: Column): number => markOf(of(name).trim(), name, line)
    rows.push({ task: of('domain').trim(), prompt: of('prompt'), strong: mark('strong_ok'), weak: mark('weak_ok') })
  }
  return rows
}

const markOf = (text: string, name: string, line: number): number => {
  const mark = text === '' ? Number.NaN : Number(text)
  if (mark >= 0 && mark <= 1) return mark
  throw new Malformed(`${name} is “${text.slice(0, 40)}”, and has to be a number from 0 to 1.`, line)
}

type Fields = { fields: string[]; line: number }

/** The records of a table, with the line that each begins in. Empty lines are none. */
function* records(text: string): Generator<Fields, undefined> {
  let at = text.startsWith('\ufeff') ? 1 : 0
  let [line, began] = [1, 1]
  let fields: string[] = []
  while (at < text.length) {
    let field = ''
    if (text[at] === '"') {
      for (at++; ; at++) {
        const end = text.indexOf('"', at)
        if (end === -1) throw new Malformed('A text in quotation marks does not end.', line)
        field += text.slice(at, end)
        at = end + 1
        if (text[at] !== '"') break
        field += '"'
      }
      line += newLines(field)
    } else {
      const end = endOfPlain(text, at)
      field = text.slice(at, end)
      if (field.includes('"'))
        throw new Malformed('A quotation mark stands within a field that does not begin with one.', line)
      at = end
    }
    fields.push(field)
    if (text[at] === ',') {
      at++
      // a comma at the very end has an empty field behind it
      if (at < text.length) continue
      fields.push('')
    } else if (text.startsWith('\r\n', at)) at += 2
    else if (text[at] === '\n' || text[at] === '\r') at++
    else if (at < text.length)
      throw new Malformed('Something stands behind the closing quotation mark of a field.', line)
    if (fields.length > 1 || fields[0] !== '') yield { fields, line: began }
    fields = []
    began = ++line
  }
  return undefined
}

const endOfPlain = (text: string, from: number): number => {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 44 || code === 10 || code === 13) break
  }
  return at
}

const newLines = (text: string): number => text.split('\n').length - 1
