import { withTenant } from '#activities/database.ts'
import { startTraining } from '#activities/gateway/start.ts'
import {
  deleteClassifier,
  findClassifier,
  listClassifiers,
  publishClassifier,
  requestClassifier,
  scorePrompt,
  withdrawClassifier,
} from '#activities/gateway/store-classifiers.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault, isAway } from '#schemas/errors.ts'
import { Malformed, readOutcomes } from '#schemas/gateway/classifier/csv.ts'
import { fewestOutcomes, mostOutcomeBytes, type classifierRoutes } from '#schemas/gateway/classifiers.ts'

const refuse = (message: string): never => {
  throw new Fault('invalid', undefined, { issues: [{ path: '/body/outcomes', message }] })
}

/** How many outcomes there are, once all of them could be read. */
const countOf = (outcomes: string): number => {
  if (Buffer.byteLength(outcomes) > mostOutcomeBytes) refuse(`has more than ${mostOutcomeBytes / 1024 / 1024} MiB`)
  try {
    const { length } = readOutcomes(outcomes)
    return length < fewestOutcomes
      ? refuse(`has ${length} rows, and ${fewestOutcomes} are the fewest to learn from`)
      : length
  } catch (error) {
    if (error instanceof Malformed) return refuse(error.message)
    throw error
  }
}

export const classifierHandlers = ({ db, seal, temporal, log }: ApiDeps): Handlers<typeof classifierRoutes> => ({
  'GET /v1/gateway/classifiers': ({ ctx, query }) => withTenant(db, ctx, (tx) => listClassifiers(tx, ctx, query)),
  'POST /v1/gateway/classifiers': async ({ ctx, body: { outcomes, notes }, keep }) => {
    const rows = countOf(outcomes)
    const made = await withTenant(db, ctx, async (tx) =>
      keep(tx, await requestClassifier(tx, ctx, seal, { outcomes, notes, rows })),
    )
    try {
      await startTraining({ db, temporal }, { tenant: ctx.tenant, classifier: made.id })
    } catch (error) {
      if (!isAway(error)) throw error
      log.warn('Temporal is away; the dispatcher will start this training', { classifier: made.id })
    }
    return made
  },
  'GET /v1/gateway/classifiers/:classifier': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => findClassifier(tx, ctx, params.classifier)),
  'DELETE /v1/gateway/classifiers/:classifier': async ({ ctx, params }) => {
    await withTenant(db, ctx, (tx) => deleteClassifier(tx, ctx, params.classifier))
    return null
  },
  'POST /v1/gateway/classifiers/:classifier/publish': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => publishClassifier(tx, ctx, params.classifier, body.retained)),
  'POST /v1/gateway/classifiers/:classifier/withdraw': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => withdrawClassifier(tx, ctx, params.classifier)),
  'POST /v1/gateway/classifiers/:classifier/score': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => scorePrompt(tx, ctx, params.classifier, body)),
})
