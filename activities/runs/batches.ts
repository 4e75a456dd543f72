import { onBehalf } from '#activities/audit/behalf.ts'
import { withTenant, type Tx } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { refuseInput } from '#schemas/automation/refuse-input.ts'
import { Fault, isAway, isFault } from '#schemas/errors.ts'
import type { BatchItem } from '#schemas/runs-batches.ts'
import type { BatchRun } from '#schemas/runs-pace.ts'
import { unpackHistory } from '#temporal/history.ts'
import { seedFrom } from './rerun.ts'
import { askCancel } from './store.ts'
import { closeBatch, isRunAgain, nextOf, recordItem, takeBatch, type BatchRow } from './store-batches.ts'
import { stopSoon } from './store-gate.ts'
import { requestRerun, versionFor, type RerunHow } from './store-request.ts'
import { findHistory } from './store-steps.ts'
import { walk, type Walked } from './walk.ts'

/** What became of a run at once. */
type Taken = Pick<BatchItem, 'run' | 'newRun' | 'refused'>

export const batchActivities = (deps: Pick<Deps, 'db' | 'payloads'>) => ({
  /**
   * Works through the next runs of a batch, each in a transaction of its own, so that what is done once is not done again
   * by another try. Gives whether there is more to do.
   */
  async workBatch({ batch, tenant, runs }: BatchRun & { runs: number }): Promise<boolean> {
    for (let n = 0; n < runs; n++) {
      const more = await withTenant(deps.db, { tenant }, async (tx) => {
        const row = await takeBatch(tx, { tenant }, batch)
        const run = row.state === 'running' ? await nextOf(tx, row) : null
        if (run === null) {
          await closeBatch(tx, onBehalf(row), batch, 'completed')
          return false
        }
        await recordItem(tx, row, await doOne(deps, tx, row, run))
        return true
      })
      if (!more) return false
    }
    return true
  },
})

/** Does with one run what the batch is for; what the run itself forbids is written down and holds up nobody. */
async function doOne(deps: Pick<Deps, 'db' | 'payloads'>, tx: Tx, row: BatchRow, run: string): Promise<Taken> {
  const ctx = onBehalf(row)
  try {
    if (row.act === 'cancel') {
      const { tellTemporal } = await askCancel(tx, ctx, run, `Cancelled with many others, by ${row.id}.`)
      if (tellTemporal) await stopSoon(tx, run)
      return { run, newRun: null, refused: null }
    }
    if (!row.how.again && (await isRunAgain(tx, run)))
      return { run, newRun: null, refused: 'Somebody has run it again meanwhile.' }
    const made = await requestRerun(tx, ctx, run, await howOf(deps, tx, row, run), 0)
    return { run, newRun: made.run.id, refused: null }
  } catch (error) {
    if (!isFault(error)) throw error
    return { run, newRun: null, refused: error.message }
  }
}

const howOf = async (deps: Pick<Deps, 'db' | 'payloads'>, tx: Tx, row: BatchRow, run: string): Promise<RerunHow> => {
  const ctx = onBehalf(row)
  const { from, version, input } = row.how
  const how: RerunHow = { batch: row.id }
  if (version !== 'same') how.automation = await versionFor(tx, ctx, run, version)
  if (input !== undefined) {
    how.input = input as JsonObject
    const { definition } = how.automation ?? (await versionFor(tx, ctx, run, version))
    refuseInput(definition, how.input)
  }
  if (from === 'start') return how
  const walked = await readBack(deps, await findHistory(tx, ctx, run))
  const page = async (of: string) => readBack(deps, await findHistory(tx, ctx, of))
  return {
    ...how,
    seed: await seedFrom(walked, from, { another: input !== undefined, into: how.automation?.definition, page }),
  }
}

/** What a run did. One whose history will never be read again is refused, and does not hold up those behind it. */
async function readBack(deps: Pick<Deps, 'db' | 'payloads'>, kept: Buffer | null): Promise<Walked> {
  try {
    return await walk(deps, kept === null ? [] : await unpackHistory(kept))
  } catch (error) {
    throw isFault(error) || isAway(error) ? error : new Fault('history_unreadable')
  }
}
