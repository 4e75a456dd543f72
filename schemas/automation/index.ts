import { z } from 'zod'
import { eventType } from '../audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import type { Definition } from './definition.ts'
import { mostBytes } from './document/shape.ts'
import { problemCodes } from './problem.ts'

/** A document and what is sent with it. */
const mostBody = mostBytes + 64 * 1024

/** What an automation is called in addresses: unique in its tenant, and never mistaken for an id. */
export const handle = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'is made of small letters, digits and -, a letter first')
  .refine((said) => said !== 'schema', 'is taken')
  .meta({ example: 'lead-response-weekend' })

const by = z.object({ id: z.string(), name: z.string() }).meta({ example: { id: 'usr_1', name: 'Dana' } })
const contentHash = z.string().meta({
  description: 'SHA-256 of the canonical document, in hex.',
  example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
})
const revision = z.number().int().min(1).meta({ description: 'Counts the saves of the draft.' })
const notes = z.string().trim().max(2000).meta({ example: 'Answers on weekends too.' })

export const automation = z.object({
  id: id('automation'),
  handle: z.string().meta({ example: 'lead-response' }),
  name: z.string().meta({ example: 'Lead response' }),
  description: z.string(),
  published: z
    .object({ version: contentHash, number: z.number().int(), at: timestamp, by, notes: z.string() })
    .nullable(),
  draft: z.object({
    revision,
    changed: z.boolean().meta({ description: 'It says something else than the published version.' }),
    savedAt: timestamp,
    by,
  }),
  archivedAt: timestamp.nullable().meta({ example: null }),
  updatedAt: timestamp,
})
export type Automation = z.infer<typeof automation>

const minimal = {
  format: 1,
  name: 'Lead response',
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'end', kind: 'end', with: { outcome: 'done' } },
  ],
  edges: [{ from: 'start', to: 'end' }],
}
/** A document as it comes: `readDefinition` says what is wrong with it, in sentences of its own. */
const sent = z.record(z.string(), z.unknown()).meta({
  description: 'An automation as it is drawn; its JSON Schema is at `/v1/automations/schema`.',
  example: minimal,
})
/** A document as it is answered: what it holds was looked at when it was taken. */
export const document = sent as unknown as z.ZodType<Definition, Definition>

export const problem = z.object({
  code: z.enum(problemCodes),
  level: z.enum(['error', 'warning']),
  node: z.string().optional(),
  path: z.string().optional(),
  range: z.object({ start: z.number().int(), end: z.number().int() }).optional(),
  message: z.string(),
  fix: z
    .object({ title: z.string(), apply: z.array(z.looseObject({ do: z.string() })) })
    .optional()
    .meta({ description: 'What mends it in one click: changes to be applied in order.' }),
})
const problems = z.object({ problems: z.array(problem) }).meta({
  example: {
    problems: [
      { code: 'unreachable', level: 'error', node: 'send', message: 'No run comes to “Send”: nothing leads to it.' },
    ],
  },
})

export const version = z.object({
  version: contentHash,
  number: z.number().int(),
  notes: z.string(),
  at: timestamp,
  by,
  published: z.boolean().meta({ description: 'It is what triggers start now.' }),
})
export type Version = z.infer<typeof version>

const field = z.object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })
const difference = z.object({
  of: z.enum(['node', 'edge', 'setting']),
  id: z.string().meta({ description: 'Of the node or the edge; a JSON pointer into the document for a setting.' }),
  change: z.enum(['added', 'removed', 'changed', 'moved']),
  fields: z.array(field),
})

const whichVersion = z
  .string()
  .max(64)
  .meta({ description: 'A content hash, a number, `draft` or `published`.', example: 'draft' })

export const automationRoutes = {
  'GET /v1/automations/schema': {
    summary: 'The JSON Schema of a definition, with the shortest example of each kind of node',
    scope: 'automations:read',
    reply: z.object({
      schema: z.record(z.string(), z.unknown()),
      examples: z.record(z.string(), z.record(z.string(), z.unknown())),
    }),
  },
  'GET /v1/automations': {
    summary: 'List and search automations, newest first',
    scope: 'automations:read',
    query: pageQuery.extend({
      text: z.string().max(200).optional(),
      archived: z.enum(['true', 'false']).default('false').meta({ description: 'The archived ones, and no others.' }),
    }),
    reply: pageOf(automation),
  },
  'POST /v1/automations': {
    summary: 'Create an automation: blank, or with the document given (an import)',
    scope: 'automations:write',
    body: z.strictObject({
      name: z.string().trim().min(1).max(120).optional().meta({ example: 'Lead response' }),
      handle: handle.optional(),
      definition: sent.optional(),
    }),
    bytes: mostBody,
    reply: automation,
    status: 201,
    creates: true,
    problems: ['already_exists', 'automation_invalid'],
  },
  'GET /v1/automations/:automation': {
    summary: 'An automation with its draft, by id or handle',
    scope: 'automations:read',
    reply: z.object({ automation, definition: document, revision }),
  },
  'PUT /v1/automations/:automation/draft': {
    summary: 'Save the draft; refused with what is saved when somebody else saved first',
    scope: 'automations:write',
    body: z.object({ definition: sent, revision }),
    bytes: mostBody,
    reply: z.object({ revision, savedAt: timestamp }),
    problems: ['draft_conflict', 'automation_invalid', 'automation_archived'],
  },
  'POST /v1/automations/:automation/validate': {
    summary: 'Everything that keeps a document, or the draft, from running, with one-click fixes',
    scope: 'automations:read',
    body: z.object({ definition: sent.optional() }),
    bytes: mostBody,
    reply: problems,
  },
  'POST /v1/automations/:automation/publish': {
    summary: 'Publish the draft as a version; one that says the same as a version there is, is that version',
    scope: 'automations:publish',
    body: z.object({ revision, notes: notes.optional() }),
    reply: version,
    problems: ['draft_conflict', 'automation_invalid', 'automation_archived'],
  },
  'GET /v1/automations/:automation/versions': {
    summary: 'List the versions, newest first',
    scope: 'automations:read',
    query: pageQuery,
    reply: pageOf(version),
  },
  'GET /v1/automations/:automation/versions/:version': {
    summary: 'A version with its document, by content hash or number',
    scope: 'automations:read',
    reply: version.extend({ definition: document }),
  },
  'POST /v1/automations/:automation/versions/:version/publish': {
    summary: 'Roll back: an earlier version is the published one again',
    scope: 'automations:publish',
    body: z.object({
      draft: z.boolean().default(false).meta({ description: 'The draft takes it over too.' }),
    }),
    reply: version,
    problems: ['automation_archived', 'automation_invalid'],
  },
  'GET /v1/automations/:automation/diff': {
    summary: 'What differs between two versions, node by node',
    scope: 'automations:read',
    query: z.object({ from: whichVersion.default('published'), to: whichVersion.default('draft') }),
    reply: z.object({ differences: z.array(difference) }),
  },
  'GET /v1/automations/:automation/export': {
    summary: 'The draft as a document that compares well in version control; creating one with it imports it',
    scope: 'automations:read',
    reply: document,
    indented: true,
  },
  'POST /v1/automations/:automation/duplicate': {
    summary: 'Copy the draft into a new automation',
    scope: 'automations:write',
    body: z.object({ name: z.string().trim().min(1).max(120).optional().meta({ example: 'Lead response, weekend' }) }),
    reply: automation,
    status: 201,
    creates: true,
  },
  'POST /v1/automations/:automation/archive': {
    summary: 'Put an automation away: nothing starts it, its runs go on, its handle stays its own',
    scope: 'automations:publish',
    reply: automation,
  },
  'POST /v1/automations/:automation/restore': {
    summary: 'Take an archived automation back',
    scope: 'automations:publish',
    reply: automation,
  },
} as const satisfies Record<string, Route>

const published = z.object({ version: z.string(), number: z.number().int() })
export const automationCreated = eventType(
  'automation_created',
  1,
  z.object({ handle: z.string(), name: z.string(), from: z.string().nullable() }),
)
/** Said once for a sitting: the first save by somebody after somebody else, after publishing, or after a pause. */
export const automationDraftSaved = eventType('automation_draft_saved', 1, z.object({ revision: z.number().int() }))
export const automationPublished = eventType('automation_published', 1, published.extend({ notes: z.string() }))
export const automationRolledBack = eventType(
  'automation_rolled_back',
  1,
  published.extend({ from: z.string().nullable(), draft: z.boolean() }),
)
export const automationArchived = eventType('automation_archived', 1, z.object({}))
export const automationRestored = eventType('automation_restored', 1, z.object({}))
