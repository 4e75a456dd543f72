import type { WorkflowHandle } from '@temporalio/client'
import { foldEvents, newFold } from '#temporal/fold.ts'
import { readWholeHistory, type HistoryEvent } from '#temporal/history.ts'
import { goldenActivities, isDecided, touch } from './golden-acting.ts'
import type { Golden } from './golden.ts'
import { openStage } from './stage.ts'
import { until } from './until.ts'

export type GoldenPlayer = AsyncDisposable & {
  /** Plays one to its end; gives its whole history. */
  play(golden: Golden): Promise<HistoryEvent[]>
}

/** A stage on which golden runs are played, one at a time. */
export async function openGoldenStage(): Promise<GoldenPlayer> {
  const acting = goldenActivities()
  const stage = await openStage(acting.activities, undefined, acting.befalls)
  const stepsOf = async (run: string) => {
    const fold = newFold()
    foldEvents(fold, await readWholeHistory(stage.client, run))
    return [...fold.steps.values()]
  }
  return {
    async play(golden) {
      acting.play(golden)
      const run = await stage.play(golden.definition, { ...golden.more, around: golden.around })
      const turns = golden.case === 'carry-on' ? [1, 2, 3, 4, 5, 6] : [0]
      if (golden.case === 'cancel') {
        await until(`${golden.name} is at it`, async () => (await stepsOf(run.workflowId)).length > 0)
        await run.cancel()
      }
      let over = false
      const ended = (run as WorkflowHandle).result().then(
        () => (over = true),
        () => (over = true),
      )
      for (const turn of turns) await touch(run, golden, `n#${turn}`)
      if (isDecided(golden))
        await until(`${golden.name} is decided`, async () => {
          for (const turn of turns) if (!over) await touch(run, golden, `n#${turn}`)
          return over
        })
      await ended
      acting.release()
      return readWholeHistory(stage.client, run.workflowId)
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}
