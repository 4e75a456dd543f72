import { mainPort, portOf, type Definition } from './definition.ts'
import { kindOf, withShape } from './document/forms.ts'
import { checker, type Misfit } from './document/sentences.ts'
import {
  documentFields,
  documentShape,
  edgeShape,
  mostBytes,
  mostNodes,
  nodeFields,
  nodeShape,
} from './document/shape.ts'
import { unfit } from './document/weigh.ts'
import { isObject, type JsonSchema } from './json.ts'
import type { Kind } from './kind.ts'
import { kinds } from './kinds/index.ts'
import type { Problem } from './problem.ts'

/** The JSON Schema (2020-12) of a whole definition, with the form of every kind of node. */
export const definitionSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...documentShape({
    ...nodeShape,
    properties: { ...nodeFields, kind: { ...nodeFields['kind'], enum: Object.keys(kinds) } },
    allOf: Object.values(kinds).map((kind) => ({
      if: { properties: { kind: { const: kind.kind } } },
      // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema calls it so
      then: {
        title: kind.title,
        description: `${kind.purpose} ${waysOn(kind)}`,
        properties: { with: withShape(kind) },
        ...(kind.form.required === undefined ? {} : { required: ['with'] }),
      },
    })),
  }),
  title: 'Automation',
  description: 'An automation as it is drawn: nodes, edges, and what its runs are given and give.',
})

/** By which ports edges leave a node of a kind, those of its example where they come from its fields. */
const waysOn = (kind: Kind): string => {
  const ports = kind.ports({ id: 'example', kind: kind.kind, ...kind.example })
  const names = ports.map(({ id, body }) => `\`${id}\`${body === true ? ' (into its body)' : ''}`)
  if (kind.fails) names.push('`error`', '`error:CODE` for each code in `errors`')
  return names.length === 0 ? 'No edge leaves it.' : `Edges leave it by ${names.join(', ')}.`
}

const checkDocument = checker(documentShape({}))
const checkNode = checker(nodeShape)

/**
 * A definition out of what somebody sent: a copy, without what JSON cannot carry. Problems where its shape is not one;
 * what keeps a definition of the right shape from running is told by `validate`.
 */
export function readDefinition(value: unknown): { definition: Definition } | { problems: Problem[] } {
  const unread = unfit(value)
  if (unread !== null) return { problems: [malformed(unread.path, unread.message)] }
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // a number that JSON does not know, or an object in itself
  }
  if (text === undefined) return { problems: [malformed('', 'This is no JSON.')] }
  const bytes = new TextEncoder().encode(text).byteLength
  if (bytes > mostBytes) return { problems: [tooLarge(`It has ${bytes} bytes; ${mostBytes} are the most.`)] }
  const copy = JSON.parse(text) as unknown
  const nodes: unknown = isObject(copy) ? copy['nodes'] : undefined
  if (Array.isArray(nodes) && nodes.length > mostNodes)
    return { problems: [tooLarge(`It has ${nodes.length} nodes; ${mostNodes} are the most.`)] }
  const problems = shapeProblems(copy)
  return problems.length === 0 ? { definition: copy as Definition } : { problems }
}

const malformed = (path: string, message: string): Problem => ({ code: 'malformed', level: 'error', path, message })
const tooLarge = (message: string): Problem => ({ code: 'too_large', level: 'error', path: '', message })

/** What in a document has not the shape of a definition; said of the node where it is in one. */
const shapeProblems = (document: unknown): Problem[] => {
  const { nodes, ...rest } = isObject(document) ? document : { nodes: undefined }
  const whole = isObject(document)
    ? { ...rest, ...(nodes === undefined ? {} : { nodes: Array.isArray(nodes) ? [] : nodes }) }
    : document
  return [
    ...checkDocument(whole).map((misfit) => problem(misfit)),
    ...(Array.isArray(nodes) ? nodes : []).flatMap((node: unknown, at) =>
      checkNode(node).map((misfit) => problem(misfit, { node, at })),
    ),
  ]
}

const problem = ({ path, message, why }: Misfit, of?: { node: unknown; at: number }): Problem => {
  const whole = of === undefined ? path : `/nodes/${of.at}${path}`
  const id = isObject(of?.node) ? of.node['id'] : undefined
  return {
    ...(typeof id === 'string' ? { ...malformed(path, message), node: id } : malformed(whole, message)),
    ...(why === 'unknown' ? { fix: { title: 'Remove it', apply: [{ do: 'set', node: null, path: whole }] } } : {}),
  }
}

/**
 * The document as a text that reads and compares well: fields in the order of the schema, those of a node in the order of
 * its form, two spaces, a newline at the end. The order of lists and of what a person named is kept: it may mean something.
 */
export const exportText = (definition: Definition): string => `${JSON.stringify(inWrittenOrder(definition), null, 2)}\n`

/** The document with its fields in the order in which it is written out. */
export function inWrittenOrder(definition: Definition): Definition {
  return {
    ...inOrder(definition, Object.keys(documentFields(nodeShape))),
    nodes: definition.nodes.map((node) => ({
      ...inOrder(node, Object.keys(nodeFields)),
      ...(node.with === undefined
        ? {}
        : { with: inOrder(node.with, Object.keys(kindOf(node.kind)?.form.properties ?? {})) }),
    })),
    edges: definition.edges.map((edge) => {
      const { port, ...bare } = inOrder(edge, Object.keys(edgeShape.properties ?? {}))
      return portOf(edge) === mainPort || port === undefined ? bare : { from: bare.from, port, to: bare.to }
    }),
  }
}

const inOrder = <T extends object>(value: T, keys: readonly string[]): T =>
  Object.fromEntries(
    [...new Set([...keys, ...Object.keys(value)])].flatMap((key) =>
      Object.hasOwn(value, key) && value[key as keyof T] !== undefined ? [[key, value[key as keyof T]]] : [],
    ),
  ) as T
