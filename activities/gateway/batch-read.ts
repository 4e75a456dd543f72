import { withTenant } from '#activities/database.ts'
import type { Deps } from '#activities/deps.ts'
import { LineChecker, type Line } from '#schemas/gateway/batch-lines.ts'
import { addLines } from './store-batch-lines.ts'
import { contentOf, findFile } from './store-files.ts'
import { openBatch, type ModelBatchRow } from './store-model-batches.ts'

/** How many lines are written down in one statement. */
const together = 200

/**
 * Reads the file of a batch, and checks it line by line: all of them are written down, or none and what is wrong with them. All
 * in one transaction, so that it may be begun again.
 */
export async function readBatch({ db, seal }: Pick<Deps, 'db' | 'seal'>, row: ModelBatchRow): Promise<void> {
  const { tenant_id: tenant, id: batch, file_id: id } = row
  const file = id === null ? null : await findFile(db, { tenant, key: null, models: null }, id)
  const checker = new LineChecker(row.endpoint)
  await withTenant(db, { tenant }, async (tx) => {
    let waiting: Line[] = []
    let count = 0
    const flush = async () => {
      if (checker.problems.length === 0) await addLines(tx, seal, { tenant, batch }, waiting, count)
      count += waiting.length
      waiting = []
    }
    if (file === null)
      checker.problems.push({ line: null, code: 'file_gone', message: 'The file is not there any more.', param: null })
    else
      for await (const text of textLines(contentOf(db, seal, file))) {
        const line = checker.check(text)
        if (line !== null) waiting.push(line)
        if (waiting.length >= together) await flush()
      }
    if (file !== null) checker.close()
    await flush()
    await openBatch(tx, row, checker.count, checker.problems)
  })
}

/** The lines of a text that comes in pieces; a character may stand in two of them. */
async function* textLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
