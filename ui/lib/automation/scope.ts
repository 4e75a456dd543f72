import type { Definition, JsonSchema, Node, Variable } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { titleOf } from '#schemas/automation/definition.ts'
import { above } from '#schemas/automation/reach.ts'

const ofType: Record<Variable['type'], JsonSchema> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  object: { type: 'object' },
  list: { type: 'array' },
  any: {},
}

/** The nodes that are always or sometimes through before another: against the edges, out of the loops it stands in. */
export function before(definition: Definition, id: string): Node[] {
  const into = Map.groupBy(definition.edges, (edge) => edge.to)
  const nodes = new Map(definition.nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  const holders = new Set(above(definition, id).map((node) => node.id))
  const visit = (at: string): void => {
    const within = nodes.get(at)?.within
    for (const from of [...(into.get(at) ?? []).map((edge) => edge.from), ...(within === undefined ? [] : [within])]) {
      if (seen.has(from)) continue
      seen.add(from)
      visit(from)
    }
  }
  visit(id)
  return definition.nodes.filter(
    (node) => seen.has(node.id) && node.id !== id && !holders.has(node.id) && node.kind !== 'note',
  )
}

const run: JsonSchema = {
  type: 'object',
  description: 'The run itself',
  properties: {
    id: { type: 'string' },
    automation: { type: 'string' },
    version: { type: 'string' },
    startedAt: { type: 'string' },
  },
}

/** What an expression in a field sees, as one schema: a property for each name. */
export function scopeOf(definition: Definition, id?: string, field?: string): JsonSchema {
  const node = id === undefined ? undefined : definition.nodes.find((one) => one.id === id)
  const earlier =
    node === undefined ? definition.nodes.filter((one) => one.kind !== 'note') : before(definition, node.id)
  const held = field === 'collect' ? definition.nodes.filter((one) => one.within === id) : []
  const outputs = [...earlier, ...held].map((one) => [
    one.id,
    { description: titleOf(one), ...kinds[one.kind]?.output?.(one, definition) },
  ])
  const loops = node === undefined ? [] : above(definition, node.id).filter((one) => one.kind === 'loop')
  const own = field === undefined || node === undefined ? undefined : kinds[node.kind]?.names?.[field]
  const turn: Record<string, JsonSchema> =
    loops.length === 0
      ? {}
      : {
          item: { description: `What ${titleOf(loops[0] as Node)} is at` },
          index: { type: 'integer', description: 'The how-manieth turn, from 0' },
          loops: {
            type: 'object',
            properties: Object.fromEntries(
              loops.map((loop) => [loop.id, { type: 'object', properties: { item: {}, index: { type: 'integer' } } }]),
            ),
          },
        }
  return {
    type: 'object',
    properties: {
      input: { description: 'What the run was given', ...(definition.input ?? { type: 'object' }) },
      steps: { type: 'object', description: 'What earlier steps gave', properties: Object.fromEntries(outputs) },
      vars: {
        type: 'object',
        description: 'Variables of the run',
        properties: Object.fromEntries(
          (definition.variables ?? []).map((one) => [
            one.name,
            { ...ofType[one.type], ...(one.description === undefined ? {} : { description: one.description }) },
          ]),
        ),
      },
      ...turn,
      ...own,
      run,
      errors: {
        type: 'object',
        description: 'How earlier steps failed',
        properties: Object.fromEntries(
          earlier
            .filter((one) => kinds[one.kind]?.fails)
            .map((one) => [
              one.id,
              { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
            ]),
        ),
      },
      now: { type: 'string', description: 'The time of this moment' },
    },
  }
}

/** A type in a word. */
export const typeWord = (schema: JsonSchema | undefined): string => {
  const type = Array.isArray(schema?.type) ? schema.type.find((one: string) => one !== 'null') : schema?.type
  const words: Record<string, string> = {
    string: 'text',
    number: 'number',
    integer: 'whole number',
    boolean: 'yes or no',
    array: 'list',
    object: 'object',
    null: 'nothing',
  }
  return words[String(type)] ?? 'anything'
}

/** What stands at a path of names in a schema; the entries of a list by their number. */
export const schemaAt = (schema: JsonSchema, path: readonly string[]): JsonSchema | undefined =>
  path.reduce<JsonSchema | undefined>(
    (at, name) => at?.properties?.[name] ?? (/^\d+$/.test(name) ? at?.items : undefined),
    schema,
  )

/** A path to begin an expression with, as an example of what can be written: the entry a loop is at, what the step before gave, the input. */
export function exampleIn(scope: JsonSchema): string {
  const { item, steps, input } = scope.properties ?? {}
  const [last] = Object.keys(steps?.properties ?? {}).slice(-1)
  const [root, schema] =
    item !== undefined
      ? ['item', item]
      : last === undefined || last === 'start'
        ? ['input', input]
        : [`steps.${last}`, steps?.properties?.[last]]
  const [name] = Object.keys(schema?.properties ?? {}).filter((one) => /^[A-Za-z_]\w*$/.test(one))
  return name === undefined ? root : `${root}.${name}`
}

/** Every path that a rule may begin with, for a list to choose from, outermost names first. */
export function pathsIn(scope: JsonSchema, depth = 4): { path: string; type: string; about: string | undefined }[] {
  const found: { path: string; type: string; about: string | undefined }[] = []
  const visit = (schema: JsonSchema, path: string, left: number): void => {
    for (const [name, one] of Object.entries(schema.properties ?? {})) {
      const at = path === '' ? name : /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}["${name}"]`
      if (one.properties === undefined || left === 0)
        found.push({ path: at, type: typeWord(one), about: one.description })
      else visit(one, at, left - 1)
    }
  }
  visit(scope, '', depth)
  return found
}
