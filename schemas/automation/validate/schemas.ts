import type { Definition, Node } from '../definition.ts'
import { kindOf } from '../document/forms.ts'
import { schemaIssues } from '../json-schema.ts'
import { isObject, type JsonSchema } from '../json.ts'
import type { Problem } from '../problem.ts'

/** Schemas are looked at on every key press, and stay as they are on most. */
const looked = new WeakMap<object, ReturnType<typeof schemaIssues>>()
const issuesOf = (schema: JsonSchema): ReturnType<typeof schemaIssues> => {
  const known = looked.get(schema) ?? schemaIssues(schema)
  looked.set(schema, known)
  return known
}

const problemsOf = (name: string, schema: unknown, path: string, of: { node?: string }): Problem[] =>
  isObject(schema)
    ? issuesOf(schema).map((issue) => ({
        ...of,
        code: 'field_invalid',
        level: 'error',
        path: `${path}${issue.path}`,
        message: `“${name}”${issue.path === '' ? '' : ` at ${issue.path}`} ${issue.message}.`,
      }))
    : []

/** What no value could be held against, of the schema that an automation declares for its input. */
export const inputSchemaProblems = ({ input }: Definition): Problem[] => problemsOf('Input', input, '/input', {})

/** The same of the schemas that the fields of a step hold. */
export const schemaProblems = ({ id, kind, with: fields = {} }: Node): Problem[] =>
  Object.entries(kindOf(kind)?.form.properties ?? {}).flatMap(([field, { title, 'x-show': show }]) =>
    show === 'schema' ? problemsOf(title ?? field, fields[field], `/with/${field}`, { node: id }) : [],
  )
