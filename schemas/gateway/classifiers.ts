import { z } from 'zod'
import { eventType } from '../audit.ts'
import { empty, pageOf, pageQuery, timestamp, type Route } from '../http.ts'
import { id } from '../ids.ts'
import { step } from './classifier/model.ts'

/** So many rows it takes at least: of fewer nothing can be learnt that would hold. */
export const fewestOutcomes = 200
/** The most bytes of a table of outcomes. */
export const mostOutcomeBytes = 8 * 1024 * 1024

const share = z.number().min(0).max(1)
const retained = z.number().min(0.5).max(0.999).meta({
  description: 'Which share of the quality of the strong model has to be kept.',
  example: 0.98,
})
const at = z.object({
  retained,
  threshold: z.number().nullable().meta({
    description: 'From which probability on the cheap model is asked; null where so much is kept only without it.',
  }),
  share: share.meta({ description: 'The share of prompts that are easy enough then.' }),
  kept: z.number().meta({ description: 'The share of the quality that was kept, on rows that were held back.' }),
  byChance: share.meta({ description: 'The share that could be sent to the cheap model by chance, and keep as much.' }),
})
export type ClassifierChoice = z.infer<typeof at>

const found = z.object({
  tasks: z.number().int(),
  strong: share.meta({ description: 'How well the strong model did on average.' }),
  weak: share,
  suffices: share.meta({ description: 'In how many of the rows the cheap model did at least as well.' }),
  error: share.meta({ description: 'How far what is foretold is from what comes true, on average.' }),
  calibration: z.array(step).meta({ description: 'Foretold and true, in ten steps of as many rows each.' }),
  kept: z.array(z.number()).meta({
    description: 'Which share of the quality is kept where the easiest 0, 1, 2 … 100 % go to the cheap model.',
  }),
  choices: z.array(at).meta({ description: 'What it comes to for what is asked of it.' }),
})
export type ClassifierFound = z.infer<typeof found>

export const classifierStates = ['training', 'ready', 'failed'] as const
export type ClassifierState = (typeof classifierStates)[number]

export const classifier = z.object({
  id: id('classifier'),
  number: z.number().int().meta({ description: 'Counts from 1.', example: 3 }),
  state: z.enum(classifierStates),
  notes: z.string(),
  rows: z.number().int().meta({ description: 'How many outcomes it was given.' }),
  failure: z.string().nullable().meta({ description: 'Why it could not be trained.' }),
  found: found.nullable().meta({ description: 'What it has learnt; null while it is trained.' }),
  inForce: at.extend({ since: timestamp }).nullable().meta({ description: 'Null where it is not in force.' }),
  by: z.object({ id: z.string(), name: z.string().nullable() }),
  createdAt: timestamp,
  closedAt: timestamp.nullable(),
})
export type Classifier = z.infer<typeof classifier>

const verdict = z.object({
  easy: share.meta({ description: 'The probability that the cheap model does as well as the strong one.' }),
  suffices: z.boolean().nullable().meta({ description: 'Whether that is enough; null where it is not in force.' }),
})

export const classifierRoutes = {
  'GET /v1/gateway/classifiers': {
    summary: 'List classifiers, newest first',
    scope: 'gateway:read',
    query: pageQuery,
    reply: pageOf(classifier),
  },
  'POST /v1/gateway/classifiers': {
    summary: 'Train a classifier with recorded outcomes; it is ready some seconds later',
    scope: 'gateway:write',
    body: z.strictObject({
      outcomes: z
        .string()
        .min(1, 'is empty')
        .meta({
          description: `A table as CSV with the columns domain, prompt, strong_ok and weak_ok: what was asked, and how well the strong and the cheap model did, each from 0 to 1. At least ${fewestOutcomes} rows. It is kept, sealed, until the training is over.`,
          example: 'domain,prompt,strong_ok,weak_ok\nservice,"When is my car ready?",1,1\n',
        }),
      notes: z.string().max(500).default(''),
    }),
    reply: classifier,
    status: 201,
    creates: true,
    bytes: 2 * mostOutcomeBytes,
  },
  'GET /v1/gateway/classifiers/:classifier': {
    summary: 'A classifier, and what it has learnt',
    scope: 'gateway:read',
    reply: classifier,
  },
  'DELETE /v1/gateway/classifiers/:classifier': {
    summary: 'Delete a classifier that is not in force; one that is being trained is given up',
    scope: 'gateway:write',
    reply: empty,
    status: 204,
    problems: ['not_possible'],
  },
  'POST /v1/gateway/classifiers/:classifier/publish': {
    summary: 'Put a classifier in force, in place of the one before: rules read prompt.easy and prompt.suffices by it',
    scope: 'gateway:write',
    body: z.strictObject({ retained: retained.default(0.98) }),
    reply: classifier,
    problems: ['not_possible'],
  },
  'POST /v1/gateway/classifiers/:classifier/withdraw': {
    summary: 'Take a classifier out of force: conditions that read it do not hold any more',
    scope: 'gateway:write',
    reply: classifier,
    problems: ['not_possible'],
  },
  'POST /v1/gateway/classifiers/:classifier/score': {
    summary: 'What a classifier says of a prompt',
    scope: 'gateway:read',
    body: z.strictObject({
      prompt: z.string().max(100_000).meta({ example: 'When is my car ready?' }),
      task: z.string().max(200).default('').meta({ description: 'The kind of task, as in the column domain.' }),
    }),
    reply: verdict,
    problems: ['not_possible'],
  },
} as const satisfies Record<string, Route>

/** What a workflow is told of a training. */
export type ClassifierRun = { classifier: string; tenant: string }

const numbered = z.object({ number: z.number().int() })
export const classifierRequested = eventType('classifier_requested', 1, numbered.extend({ rows: z.number().int() }))
export const classifierTrained = eventType('classifier_trained', 1, numbered)
export const classifierFailed = eventType('classifier_failed', 1, numbered.extend({ why: z.string() }))
export const classifierPublished = eventType(
  'classifier_published',
  1,
  numbered.extend({ retained: z.number(), threshold: z.number().nullable() }),
)
export const classifierWithdrawn = eventType('classifier_withdrawn', 1, numbered)
export const classifierDeleted = eventType('classifier_deleted', 1, numbered)
