import { z } from 'zod'
import { eventType } from '../audit.ts'
import { pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { mostBytes } from './document.ts'
import { problemCodes } from './problem.ts'

/** A text as JSON, in which a sign may take six bytes, and what is sent with it. */
export const mostBody = mostBytes * 2 + 64 * 1024

const by = z.object({ id: z.string(), name: z.string() }).meta({ example: { id: 'usr_1', name: 'Dana' } })
const contentHash = z.string().meta({
  description: 'SHA-256 of the text, in hex.',
  example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
})
const revision = z.number().int().min(1).meta({ description: 'Counts the saves of the draft.', example: 1 })
const notes = z.string().trim().max(2000).meta({ example: 'Contracts stay in the EU.' })
const number = z.number().int().meta({ example: 1 })

export const exampleText = `name: House rules
rules:
  # Contracts never leave.
  - id: no-contracts
    when: prompt.text.contains("contract")
    decide:
      deny:
        reason: Contracts are not for models.
`

export const ruleText = z
  .string()
  .max(mostBytes)
  .meta({ description: 'Rules as YAML; their JSON Schema is at `/v1/steering/schema`.', example: exampleText })

const publication = z.object({ version: contentHash, number, at: timestamp, by, notes: z.string() })

export const policy = z.object({
  id: id('policy'),
  name: z.string().meta({ example: 'House rules' }),
  description: z.string(),
  published: publication.nullable().meta({ description: 'What is in force for everybody.' }),
  keys: z
    .array(publication.extend({ key: z.object({ id: id('virtualKey'), name: z.string() }) }))
    .meta({ description: 'Keys for which another version is in force.' }),
  draft: z.object({
    revision,
    changed: z.boolean().meta({ description: 'It says something else than the published version.' }),
    savedAt: timestamp,
    by,
  }),
  archivedAt: timestamp.nullable().meta({ example: null }),
  updatedAt: timestamp,
})
export type Policy = z.infer<typeof policy>

const place = z.object({ line: z.number().int(), column: z.number().int(), offset: z.number().int() })
export const problem = z.object({
  code: z.enum(problemCodes),
  level: z.enum(['error', 'warning']),
  message: z.string(),
  path: z.string().meta({ description: 'A JSON pointer into the document.' }),
  rule: z.string().nullable().meta({ description: 'The id of the rule that it is about.' }),
  span: z.object({ start: place, end: place }).meta({ description: 'Lines and columns from 1, offsets from 0.' }),
  fix: z
    .object({
      title: z.string(),
      splices: z.array(z.object({ start: z.number().int(), end: z.number().int(), text: z.string() })),
    })
    .optional()
    .meta({ description: 'What mends it in one click: texts to be put where others were.' }),
})

export const policyVersion = z.object({
  version: contentHash,
  number,
  rules: z.number().int(),
  notes: z.string(),
  at: timestamp,
  by,
  published: z.boolean().meta({ description: 'It is in force for everybody.' }),
})
export type PolicyVersion = z.infer<typeof policyVersion>

export const whichText = z
  .string()
  .max(64)
  .meta({ description: 'A content hash, a number, `draft` or `published`.', example: 'draft' })

/** A key that may be left out: without an example, so that the example of the whole leaves it out. */
export const someKey = z.string().regex(/^vky_[0-7][0-9a-hjkmnp-tv-z]{25}$/, 'is not the id of a virtualKey')

/** For whom something is published: a key, or everybody where none is named. */
const key = someKey.optional().meta({ description: 'For this key alone; for everybody unless given.' })

const field = z.object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })
const difference = z.object({
  rule: z.string().nullable(),
  change: z.enum(['added', 'removed', 'changed', 'moved']),
  moved: z.boolean(),
  fields: z.array(field),
})
const line = z.object({
  change: z.enum(['same', 'added', 'removed']),
  text: z.string(),
  from: z.number().int().nullable().meta({ description: 'Its number in the first text.' }),
  to: z.number().int().nullable(),
})

export const policyRoutes = {
  'GET /v1/steering/schema': {
    summary: 'The JSON Schema of a document of rules',
    scope: 'steering:read',
    reply: z.object({ schema: z.record(z.string(), z.unknown()) }),
  },
  'GET /v1/steering/policies': {
    summary: 'List policies, newest first',
    scope: 'steering:read',
    query: pageQuery.extend({
      archived: z.enum(['true', 'false']).default('false').meta({ description: 'The archived ones, and no others.' }),
    }),
    reply: pageOf(policy),
  },
  'POST /v1/steering/policies': {
    summary: 'Write a policy: blank, or with the text given',
    scope: 'steering:write',
    body: z.strictObject({ text: ruleText.optional() }),
    bytes: mostBody,
    reply: policy,
    status: 201,
    creates: true,
  },
  'GET /v1/steering/policies/:policy': {
    summary: 'A policy with its draft',
    scope: 'steering:read',
    reply: z.object({ policy, text: z.string(), revision }),
  },
  'PUT /v1/steering/policies/:policy/draft': {
    summary: 'Save the draft; refused with what is saved when somebody else saved first',
    scope: 'steering:write',
    body: z.strictObject({ text: ruleText, revision }),
    bytes: mostBody,
    reply: z.object({ revision, savedAt: timestamp }),
    problems: ['draft_conflict', 'policy_archived'],
  },
  'POST /v1/steering/policies/:policy/validate': {
    summary: 'Everything that is wrong with a text, or with the draft: where, and what mends it',
    scope: 'steering:read',
    body: z.strictObject({ text: ruleText.optional() }),
    bytes: mostBody,
    reply: z.object({ problems: z.array(problem) }),
  },
  'POST /v1/steering/policies/:policy/publish': {
    summary: 'Put the draft in force as a version, for everybody or for one key',
    scope: 'steering:publish',
    body: z.strictObject({ revision, notes: notes.optional(), key }),
    reply: policyVersion,
    problems: ['draft_conflict', 'policy_invalid', 'policy_archived'],
  },
  'GET /v1/steering/policies/:policy/versions': {
    summary: 'List the versions, newest first',
    scope: 'steering:read',
    query: pageQuery,
    reply: pageOf(policyVersion),
  },
  'GET /v1/steering/policies/:policy/versions/:version': {
    summary: 'A version with its text, by content hash or number',
    scope: 'steering:read',
    reply: policyVersion.extend({ text: z.string() }),
  },
  'POST /v1/steering/policies/:policy/versions/:version/publish': {
    summary: 'Roll back: an earlier version is in force again, for everybody or for one key',
    scope: 'steering:publish',
    body: z.strictObject({
      key,
      draft: z.boolean().default(false).meta({ description: 'The draft takes it over too.' }),
    }),
    reply: policyVersion,
    problems: ['policy_archived', 'policy_invalid'],
  },
  'DELETE /v1/steering/policies/:policy/keys/:virtualKey': {
    summary: 'End what is in force for one key: it follows everybody again',
    scope: 'steering:publish',
    reply: policy,
    problems: ['policy_archived'],
  },
  'GET /v1/steering/policies/:policy/diff': {
    summary: 'What differs between two versions: line by line, and rule by rule',
    scope: 'steering:read',
    query: z.object({ from: whichText.default('published'), to: whichText.default('draft') }),
    reply: z.object({
      lines: z.array(line).meta({ description: 'Those that differ, and some around them.' }),
      differences: z
        .array(difference)
        .nullable()
        .meta({ description: 'Null where one of the texts is no document of rules.' }),
    }),
  },
  'POST /v1/steering/policies/:policy/archive': {
    summary: 'Put a policy away: none of its rules is in force any more',
    scope: 'steering:publish',
    reply: policy,
  },
  'POST /v1/steering/policies/:policy/restore': {
    summary: 'Take an archived policy back, with what was in force',
    scope: 'steering:publish',
    reply: policy,
    problems: ['policy_invalid'],
  },
} as const satisfies Record<string, Route>

const named = z.object({ version: z.string(), number: z.number().int(), key: z.string().nullable() })
export const policyCreated = eventType('policy_created', 1, z.object({ name: z.string() }))
/** Said once for a sitting: the first save by somebody after somebody else, after publishing, or after a pause. */
export const policyDraftSaved = eventType('policy_draft_saved', 1, z.object({ revision: z.number().int() }))
export const policyPublished = eventType('policy_published', 1, named.extend({ notes: z.string() }))
export const policyRolledBack = eventType(
  'policy_rolled_back',
  1,
  named.extend({ from: z.string().nullable(), draft: z.boolean() }),
)
export const policyWithdrawn = eventType('policy_withdrawn', 1, z.object({ key: z.string() }))
export const policyArchived = eventType('policy_archived', 1, z.object({}))
export const policyRestored = eventType('policy_restored', 1, z.object({}))
