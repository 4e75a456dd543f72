import type { Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import { startUntold } from '#activities/runs/start-untold.ts'
import type { ModelBatchRun } from '#schemas/gateway/batches.ts'
import type { ClassifierRun } from '#schemas/gateway/classifiers.ts'
import type { QualityRun } from '#schemas/gateway/quality/index.ts'

/** Tells Temporal of a batch of requests to models; twice starts one. */
export const startModelBatch = (
  deps: { temporal: Client; db: Databases },
  { batch, tenant }: ModelBatchRun,
): Promise<void> =>
  startUntold(deps, 'gateway_batch', batch, {
    type: 'modelBatch',
    input: { batch, tenant },
    summary: 'Requests to models that may wait',
  })

/** Tells Temporal of a classifier that is to be trained; twice starts one. */
export const startTraining = (
  deps: { temporal: Client; db: Databases },
  { classifier, tenant }: ClassifierRun,
): Promise<void> =>
  startUntold(deps, 'gateway_classifier', classifier, {
    type: 'training',
    input: { classifier, tenant },
    summary: 'A classifier is trained',
  })

/** Tells Temporal of samples that are to be judged; twice starts one. */
export const startQualityGuard = (
  deps: { temporal: Client; db: Databases },
  { run, tenant }: QualityRun,
): Promise<void> =>
  startUntold(deps, 'gateway_quality_run', run, {
    type: 'qualityGuard',
    input: { run, tenant },
    summary: 'Answers of cheaper models are judged',
  })
