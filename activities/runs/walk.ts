import { versionOf } from '#activities/automation/versions.ts'
import type { Databases } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { AutomationRun } from '#schemas/automation/run.ts'
import { Fault } from '#schemas/errors.ts'
import type { HistoryEvent } from '#temporal/history.ts'
import type { PayloadReader } from '#temporal/payloads.ts'
import { retrace, type Retraced } from '#temporal/retrace.ts'

/** A run as its history tells it, with the version it walked. */
export type Walked = { run: AutomationRun; definition: Definition; traced: Retraced }

type Deps = { db: Databases; payloads: PayloadReader }

/** Walks a run again along its events; refuses what was not made by an automation, or can no longer be read. */
export async function walk({ db, payloads }: Deps, events: readonly HistoryEvent[]): Promise<Walked> {
  const run = (await payloads.all(events[0]?.workflowExecutionStartedEventAttributes?.input)) as AutomationRun | null
  if (run === null || typeof run.version !== 'string') throw new Fault('history_unreadable')
  const { tenant, automation, version } = run
  const definition = run.definition ?? (await versionOf(db, { tenant, automation, version })).definition
  return { run, definition, traced: await retrace(run, definition, events, payloads) }
}
