import { concurrencyPolicies, format, variableTypes } from '../definition.ts'
import type { JsonSchema } from '../json.ts'

/**
 * The shape of a document, without what each kind of node makes of `with`: what has to hold for it to be drawn and saved
 * at all. What it takes to run is for `validate` to say.
 */
export const mostNodes = 5000
export const mostBytes = 2 * 1024 * 1024
/** How deep values may stand one in another. */
export const deepest = 64

const text = (title: string, maxLength: number, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  title,
  maxLength,
  ...more,
})
const record = (title: string, properties: Record<string, JsonSchema>, ...required: string[]): JsonSchema => ({
  type: 'object',
  title,
  properties,
  ...(required.length === 0 ? {} : { required }),
  additionalProperties: false,
})
const list = (title: string, items: JsonSchema, maxItems: number): JsonSchema => ({
  type: 'array',
  title,
  items,
  maxItems,
})

const id = (title: string): JsonSchema => text(title, 64, { minLength: 1 })
const span = (title: string): JsonSchema => text(title, 40, { 'x-show': 'duration' })
const values = (title: string): JsonSchema => ({ type: 'object', title, additionalProperties: true })
const code = text('Error code', 64, { pattern: '^[a-z][a-z0-9_]*$' })

/** An expression in place of a literal. */
export const celShape: JsonSchema = record('Expression', { cel: text('CEL', 10_000) }, 'cel')
/** A text with `{{ expressions }}` in place of a literal. */
export const textShape: JsonSchema = record('Text with expressions', { text: text('Text', 100_000) }, 'text')

export const nodeFields: Record<string, JsonSchema> = {
  id: id('Id'),
  kind: id('Kind'),
  title: text('Title', 200),
  within: { ...id('Stands in'), description: 'The loop or the parallel block whose body it stands in.' },
  at: record('Place', { x: { type: 'number', title: 'x' }, y: { type: 'number', title: 'y' } }, 'x', 'y'),
  with: { type: 'object', title: 'Fields' },
  retry: record('Tries', {
    attempts: { type: 'integer', title: 'Tries', minimum: 0, maximum: 1000, description: '0 is without limit.' },
    first: span('First pause'),
    factor: { type: 'number', title: 'Factor', minimum: 1, maximum: 10 },
    most: span('Longest pause'),
    not: list('Not for', code, 50),
  }),
  timeout: { title: 'Time limit', anyOf: [span('Time limit'), celShape] },
  errors: list('Error codes with a port', code, 50),
  continueOnError: { type: 'boolean', title: 'Go on after an error' },
  cache: {
    ...record('Cache', { key: { title: 'Key' }, for: span('Kept for') }, 'key', 'for'),
    description: 'What the step gave is given again for the same key, until the step itself is changed.',
  },
  undo: record(
    'Undo',
    {
      operation: text('Operation', 100),
      input: values('Input'),
      title: text('Title', 200),
      after: { type: 'string', title: 'Undone after', enum: ['done', 'begun'] },
    },
    'operation',
  ),
  importance: { type: 'string', title: 'Importance', enum: ['minor', 'normal', 'major'] },
  pin: { title: 'Pinned output' },
  disabled: { type: 'boolean', title: 'Disabled' },
}

export const edgeShape = record('Edge', { from: id('From'), port: text('Port', 80), to: id('To') }, 'from', 'to')

const variable = record(
  'Variable',
  {
    name: id('Name'),
    type: { type: 'string', title: 'Type', enum: variableTypes },
    initial: { title: 'First value' },
    description: text('Description', 1000),
  },
  'name',
  'type',
)
const group = record(
  'Group',
  {
    id: id('Id'),
    title: text('Title', 200),
    nodes: list('Nodes', id('Node'), mostNodes),
    collapsed: { type: 'boolean', title: 'Collapsed' },
    colour: text('Colour', 40),
  },
  'id',
  'title',
  'nodes',
)
const settings = record('Settings', {
  timeout: span('Time limit'),
  concurrency: record(
    'Runs at once',
    {
      key: { title: 'Key' },
      policy: { type: 'string', title: 'Policy', enum: concurrencyPolicies },
      limit: { type: 'integer', title: 'Limit', minimum: 1, maximum: 10_000 },
    },
    'policy',
  ),
  priority: { type: 'integer', title: 'Priority', minimum: 1, maximum: 5 },
  retention: { type: 'integer', title: 'Days kept', minimum: 1, maximum: 3650 },
  onFailure: text('On failure', 100, {
    'x-show': 'automation',
    description:
      'Started when a run fails, with “run”, “failure” and “input”; not after tests, nor after a run that another automation called.',
  }),
  title: { title: 'Title of a run' },
})

/** The document's fields, in the order in which it is written out. */
export const documentFields = (node: JsonSchema): Record<string, JsonSchema> => ({
  format: { type: 'integer', title: 'Format', const: format },
  name: text('Name', 120, { minLength: 1 }),
  description: text('Description', 4000),
  input: { type: 'object', title: 'Input', description: 'A JSON Schema of what a run is given.' },
  variables: list('Variables', variable, 200),
  output: { ...values('Result'), description: 'What a run gives: names and where their values come from.' },
  settings,
  nodes: list('Nodes', node, mostNodes),
  edges: list('Edges', edgeShape, 4 * mostNodes),
  groups: list('Groups', group, 500),
})

export const documentShape = (node: JsonSchema): JsonSchema =>
  record('Automation', documentFields(node), 'format', 'name', 'nodes', 'edges')

export const nodeShape: JsonSchema = record('Node', nodeFields, 'id', 'kind')
