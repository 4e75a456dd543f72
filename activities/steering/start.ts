import type { Client } from '@temporalio/client'
import type { Databases } from '#activities/database.ts'
import { startUntold } from '#activities/runs/start-untold.ts'
import type { ReplayRun } from '#schemas/steering/replays.ts'

/** Tells Temporal of a replay; twice starts one. */
export const startReplay = (deps: { temporal: Client; db: Databases }, { replay, tenant }: ReplayRun): Promise<void> =>
  startUntold(deps, 'steering_replay', replay, {
    type: 'replayTraffic',
    input: { replay, tenant },
    summary: 'Recorded requests under other rules',
  })
