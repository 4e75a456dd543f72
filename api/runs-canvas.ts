import { versionOf } from '#activities/automation/versions.ts'
import type { Databases } from '#activities/database.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { AutomationRun } from '#schemas/automation/run.ts'
import { Fault } from '#schemas/errors.ts'
import type { CanvasNode, RunCanvas } from '#schemas/runs.ts'
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

/** What the canvas shows of a run: each node in each of its turns, as it was last heard of. */
export function canvasOf({ run, definition, traced }: Walked): RunCanvas {
  const nodes = new Map<string, CanvasNode>()
  for (const { node, iteration, at, state, ports, output, failing } of traced.changes) {
    const key = `${node}#${iteration}`
    const time = new Date(at).toISOString()
    const before = nodes.get(key)
    nodes.set(key, {
      node,
      iteration,
      state,
      startedAt: before?.startedAt ?? (state === 'skipped' ? null : time),
      endedAt: state === 'running' || state === 'waiting' ? null : time,
      ports: [...(ports ?? [])],
      output: output ?? null,
      failure: failing === undefined ? null : { code: failing.code, message: failing.message },
    })
  }
  return {
    automation: run.automation,
    version: run.version,
    versionNumber: run.number,
    definition,
    nodes: [...nodes.values()],
    variables: traced.vars,
    paused: traced.paused,
  }
}
