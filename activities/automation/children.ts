import { createHash } from 'node:crypto'
import { TypeID } from 'typeid-js'
import { workflowContext } from '#activities/context.ts'
import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { workflowOf } from '#activities/runs/start.ts'
import { findRun, isKnown, markStarted } from '#activities/runs/store.ts'
import { findRequest, requestRuns, type RunRequest } from '#activities/runs/store-request.ts'
import type { Call } from '#schemas/automation/call.ts'
import type { PageOf } from '#schemas/automation/engine/host.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { refuseInput } from '#schemas/automation/refuse-input.ts'
import type { AutomationRun } from '#schemas/automation/run.ts'
import { planTrial } from '#schemas/automation/trial.ts'
import { Fault } from '#schemas/errors.ts'
import { prefixes } from '#schemas/ids.ts'
import { findPublished, findVersion } from './store.ts'
import { takeTestable } from './store-tested.ts'

type Wanted = Call<{ depth: number }> &
  (
    | { start: { automation: string; version: string | null; input: JsonObject }; parent?: null }
    | { start: { page: PageOf }; parent: Pick<AutomationRun, 'input'> }
  )

export type RequestedChild = { run: string; input: AutomationRun; summary: string }

/** The time of its parent and a hash of the step: the same for each try, and beside its parent in lists. */
const childOf = ({ run, step, part = '' }: Pick<Wanted, 'run' | 'step' | 'part'>): string => {
  const bytes = createHash('sha256').update(`${run} ${step} ${part}`).digest().subarray(0, 16)
  bytes.set(TypeID.fromString(run).toUUIDBytes().subarray(0, 6))
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  return TypeID.fromUUIDBytes(prefixes.run, bytes).toString()
}

/**
 * Writes down the run that a step begins, a subflow or a page of its loop, before Temporal hears of it. The id follows
 * from the step, so that asking again gives the same run.
 */
export const requestChild =
  ({ db }: Pick<Deps, 'db'>) =>
  async (call: Wanted): Promise<RequestedChild> => {
    const ctx = workflowContext(call)
    const run = childOf(call)
    const request = await withTenant(db, call, async (tx) => {
      if (!(await isKnown(tx, run))) {
        const asked = await wanted()
        await requestRuns(tx, ctx, [asked])
        // its parent tells Temporal, right after this step
        await markStarted(tx, ctx, run, asked.automation.handle)
      }
      return findRequest(tx, run)

      async function wanted(): Promise<RunRequest> {
        const parent = await findRun(tx, ctx, call.run)
        const { start } = call
        const around = { parent: call.run, test: call.test }
        if ('page' in start) {
          const { automation_id: id, workflow: handle, version, version_number: number } = parent
          const { from, items } = start.page
          const { redone, pins } = (await findRequest(tx, call.run)).options
          return {
            run,
            automation: { id: id ?? '', handle, version: version ?? '', number: number ?? 0 },
            title: `${parent.title} · ${from + 1} to ${from + items.length}`,
            input: {},
            origin: call.origin,
            options: {
              ...around,
              depth: call.depth,
              page: start.page,
              ...(redone === undefined ? {} : { redone }),
              ...(pins === undefined ? {} : { pins }),
              ...(call.path === undefined ? {} : { path: call.path }),
            },
          }
        }
        const latest = call.test ? takeTestable : findPublished
        const automation =
          start.version === null
            ? await latest(tx, ctx, start.automation)
            : await findVersion(tx, ctx, start.automation, start.version)
        if (automation === null)
          throw new Fault('not_published', `There is no published automation “${start.automation}” to run here.`)
        refuseInput(automation.definition, start.input)
        // what it does is told apart from what its siblings do by the step that began it, also when all is run again
        const options = {
          ...around,
          depth: call.depth + 1,
          path: `${call.path ?? ''}${call.step}/`,
          ...(call.test ? { pins: planTrial(automation.definition, {}).pins } : {}),
        }
        return { run, automation, title: parent.title, input: start.input, origin: call.origin, options }
      }
    })
    const { input, summary } = await workflowOf(db, request)
    if (call.parent == null) return { run, input, summary }
    const { from, items } = call.start.page
    // its body sees the input of the run whose loop it is, of which there is one row
    return {
      run,
      input: { ...input, input: call.parent.input },
      summary: `Turns ${from + 1} to ${from + items.length}`,
    }
  }
