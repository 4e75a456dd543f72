import { createHash } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Malformed, readOutcomes } from '#schemas/gateway/classifier/csv.ts'
import { parted, type Outcome } from '#schemas/gateway/classifier/outcome.ts'

/** A recorded outcome, with the file that it stands in. */
export type Recorded = Outcome & { file: string }

const ending = '.csv.gz'

/** All outcomes of a folder, file by file in the order of their names; throws a sentence that names the file that is wrong. */
export function readFolder(folder: string): Recorded[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Malformed(
      `There is no folder ${folder}. AUTERITY_BENCH_DATA names the one with recorded outcomes (*${ending}).`,
    )
  const files = globSync(`*${ending}`, { cwd: folder }).toSorted()
  if (files.length === 0) throw new Malformed(`There is no file *${ending} in ${folder}.`)
  const rows = files.flatMap((file) => readOne(join(folder, file)))
  if (rows.length === 0) throw new Malformed(`There is no row in the files of ${folder}.`)
  return rows
}

const readOne = (path: string): Recorded[] => {
  const file = basename(path, ending)
  const fault = (why: string) => new Malformed(`${basename(path)} cannot be read. ${why}`)
  let bytes: Buffer
  try {
    bytes = gunzipSync(readFileSync(path))
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error))
  }
  try {
    return readOutcomes(bytes.toString('utf8')).map((row) => ({ ...row, file }))
  } catch (error) {
    throw error instanceof Malformed ? fault(error.message) : error
  }
}

/** As many as are worked through in some minutes. */
const mostRows = 16_000

/** No more rows than that: which are left out, their prompts decide, and not where they stand. */
export function fewEnough(rows: readonly Recorded[], most: number = mostRows): readonly Recorded[] {
  if (rows.length <= most) return rows
  const share = most / rows.length
  return rows.filter(({ prompt }) => drawnOf(`left out${prompt}`) < share)
}

/** A number from 0 to 1 that a text is as good as drawn. */
const drawnOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32

/** Three parts of the rows; the last is looked at once, when all else is settled. */
export type Parts = { train: Recorded[]; calibrate: Recorded[]; test: Recorded[] }

const testShare = 0.3
/** Of the rows that are not tested on. */
const trainShare = 5 / 7

/**
 * Which part a row is in, only its prompt says, so no prompt is in two. Nothing about the classifier was chosen with rows of the
 * part `test`: whoever changes this, or the classifier by what the benchmark says, has used them up.
 */
export function partsOf(rows: readonly Recorded[]): Parts {
  const isTest = ({ prompt }: Recorded) => drawnOf(`split1${prompt}`) >= 1 - testShare
  const [train = [], calibrate = []] = parted(
    rows.filter((row) => !isTest(row)),
    [trainShare, 1 - trainShare],
    1,
  )
  const parts = { train, calibrate, test: rows.filter(isTest) }
  if (Object.values(parts).some(({ length }) => length === 0))
    throw new Malformed(
      `${rows.length} rows are too few: there have to be some to learn from, to calibrate with and to test on.`,
    )
  return parts
}
