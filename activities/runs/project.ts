import type { Client } from '@temporalio/client'
import { storable, withSystem, type Databases } from '#activities/database.ts'
import type { RunFailure } from '#schemas/runs.ts'
import { packHistory, readWholeHistory, unpackHistory, type HistoryEvent } from '#temporal/history.ts'
import type { PayloadReader } from '#temporal/payloads.ts'
import { foldEvents, newFold, type Fold, type FoldedClose, type FoldedStep } from '#temporal/fold.ts'
import { closeAndFollow } from './store-follow.ts'
import { takeBack } from './store-set-aside.ts'
import { findHistory, forgetProjection, keepHistory, saveProjection, type ProjectedStep } from './store-steps.ts'

export type ProjectDeps = { db: Databases; temporal: Client; payloads: PayloadReader }
export type ProjectedRun = { id: string; tenant: string }

/** The most characters of a result that a list shows. */
const previewLength = 200

/**
 * Folds the history of a run as far as it is known into `fold`, which passes over what it has seen, and writes what
 * changed: steps, and with the close its event and the whole history, in one transaction. `anew` drops what was there.
 */
export async function projectEvents(
  { db, payloads }: Omit<ProjectDeps, 'temporal'>,
  run: ProjectedRun,
  fold: Fold,
  events: readonly HistoryEvent[],
  anew = false,
): Promise<void> {
  const before = fold.lastEvent
  const changed = foldEvents(fold, events)
  if (fold.lastEvent === before) return
  const closedNow = fold.close !== null
  const rows = await Promise.all([...(closedNow ? fold.steps.values() : changed)].map((step) => toRow(payloads, step)))
  const steps = rows.map(storable)
  const close = fold.close === null ? null : storable(await toClose(payloads, fold.close))
  const kept = closedNow ? await packHistory(events) : null
  await withSystem(db, async (tx) => {
    if (anew) await forgetProjection(tx, run.id)
    await saveProjection(tx, { ...run, lastEvent: fold.lastEvent }, steps)
    if (close !== null) {
      await closeAndFollow(tx, projectorContext(run), run.id, close)
      await takeBack(tx, run.id)
    }
    if (kept !== null) await keepHistory(tx, run, events.length, kept)
  })
}

const projectorContext = ({ tenant }: ProjectedRun) => ({
  tenant,
  actor: { kind: 'system' as const, id: 'projector' },
  scopes: [],
})

/** Projects a run from its first event to its newest. */
export async function projectWhole(deps: ProjectDeps, run: ProjectedRun): Promise<Fold> {
  const fold = newFold()
  await projectEvents(deps, run, fold, await readWholeHistory(deps.temporal, run.id))
  return fold
}

/** Makes the steps of a run anew: from the history kept at its close, which outlives Temporal's, else from Temporal. */
export async function rebuild(deps: ProjectDeps, run: ProjectedRun): Promise<void> {
  const kept = await withSystem(deps.db, (tx) => findHistory(tx, run, run.id))
  const events = kept === null ? await readWholeHistory(deps.temporal, run.id) : await unpackHistory(kept)
  await projectEvents(deps, run, newFold(), events, true)
}

const toRow = async (payloads: PayloadReader, step: FoldedStep): Promise<ProjectedStep> => {
  const summary = await payloads.one(step.summary)
  const title = typeof summary === 'string' ? summary.split(' · ')[0] : undefined
  return {
    head_event: step.headEvent,
    node: step.node,
    iteration: step.iteration,
    kind: step.kind,
    type: step.type,
    title: title ?? words(step.type),
    activity_id: step.activityId,
    state: step.state,
    scheduled_at: step.scheduledAt,
    started_at: step.startedAt,
    closed_at: step.closedAt,
    attempts: step.attempts,
    events: step.events,
    summary: typeof summary === 'string' ? summary : null,
    preview: previewOf(await payloads.all(step.output)),
    failure: step.failure === null ? null : payloads.failure(step.failure),
  }
}

/** `matchCustomer` → `Match customer`. */
const words = (name: string): string => {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

const previewOf = (output: unknown): string | null => {
  if (output === null || output === undefined) return null
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  return text.length > previewLength ? `${text.slice(0, previewLength)}…` : text
}

const toClose = async (payloads: PayloadReader, close: FoldedClose) => {
  const result = (await payloads.all(close.result)) as { outcome?: unknown } | null
  const failure: RunFailure | null =
    close.failure === null ? null : 'code' in close.failure ? close.failure : payloads.failure(close.failure)
  const cancelled = close.phase === 'failed' && failure?.code === 'cancelled'
  return {
    phase: cancelled ? ('cancelled' as const) : close.phase,
    outcome: typeof result?.outcome === 'string' ? result.outcome : null,
    failure,
    closedAt: close.at,
  }
}
