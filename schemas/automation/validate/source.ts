import { parser } from '@lezer/javascript'
import type { Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import type { Problem } from '../problem.ts'

/** Texts of the last documents that were looked at: while one is typed, the others stay as they are. */
const keep = 200
const looked = new Map<string, string | null>()

/** Code that is no JavaScript; it would fail in every run. */
export const sourceProblems = (node: Node): Problem[] =>
  Object.entries(kindOf(node.kind)?.form.properties ?? {}).flatMap(([field, schema]): Problem[] => {
    const source = node.with?.[field]
    if (schema['x-show'] !== 'code' || typeof source !== 'string') return []
    const message = unreadable(source)
    return message === null
      ? []
      : [{ code: 'field_invalid', level: 'error', node: node.id, path: `/with/${field}`, message }]
  })

const unreadable = (source: string): string | null => {
  const known = looked.get(source)
  if (known !== undefined) return known
  const told = firstFault(source)
  if (looked.size >= keep) looked.delete(looked.keys().next().value as string)
  looked.set(source, told)
  return told
}

/** What JavaScript has not: types are read by some engines and refused by ours. */
const types = new Set(['TypeAnnotation', 'TypeAliasDeclaration', 'InterfaceDeclaration', 'EnumDeclaration'])

const firstFault = (source: string): string | null => {
  const cursor = parser.parse(source).cursor()
  do {
    const line = () => source.slice(0, cursor.from).split('\n').length
    if (types.has(cursor.name)) return `Line ${line()} declares a type, as TypeScript does; the code is JavaScript.`
    if (!cursor.type.isError) continue
    const rest = source.slice(cursor.from).trimStart()
    if (rest === '') return `The code ends in line ${line()} where something is still to come, such as a bracket.`
    const [word = ''] = /^[\w$]+|^\S/.exec(rest) ?? []
    return `Line ${line()} cannot be read: “${word}” does not belong there.`
  } while (cursor.next())
  return null
}
