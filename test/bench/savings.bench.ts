import { Malformed } from '#schemas/gateway/classifier/csv.ts'
import { reportLevers } from './savings-levers.ts'
import { reportOutcomes } from './savings-outcomes.ts'
import { fewEnough, partsOf, readFolder } from './savings-read.ts'

/** How many requests each of the traces that are made up has. */
const requests = 3000
const folder = process.env['AUTERITY_BENCH_DATA'] ?? '../shared/data/routing'

try {
  const all = readFolder(folder)
  const rows = fewEnough(all)
  if (rows.length < all.length) process.stderr.write(`Of ${all.length} rows ${rows.length} are looked at.\n`)
  const parts = partsOf(rows)
  process.stderr.write('Recorded outcomes; the metrics trace_… are of traces that are made up.\n')
  reportOutcomes(parts)
  reportLevers(parts, requests)
} catch (error) {
  if (!(error instanceof Malformed)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
