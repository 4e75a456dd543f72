import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '#deploy/local/postgres.ts'
import { startTemporal } from '#deploy/local/temporal.ts'
import { bundleWorkflows } from '#workers/bundle.ts'
import { prepareTemplate } from './database.ts'

type Stop = () => Promise<void>

const prepareDatabase = async (home: string, stops: Stop[]): Promise<void> => {
  if (process.env['AUTERITY_TEST_DATABASE_URL'] === undefined) {
    const postgres = await startPostgres({ home, password: 'test' })
    stops.push(() => postgres.stop())
    process.env['AUTERITY_TEST_DATABASE_URL'] = postgres.url
  }
  await prepareTemplate()
}

const prepareTemporal = async (home: string, stops: Stop[]): Promise<void> => {
  if (process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] !== undefined) return
  const temporal = await startTemporal({ home })
  stops.push(() => temporal.stop())
  process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] = temporal.address
}

/** `workers/main.ts` and the tests read the workflow code from the file that the variable names. */
const prepareBundle = async (home: string): Promise<void> => {
  if (process.env['AUTERITY_WORKFLOW_BUNDLE'] !== undefined) return
  const file = join(home, 'workflows.js')
  const { code } = await bundleWorkflows()
  await writeFile(file, code)
  process.env['AUTERITY_WORKFLOW_BUNDLE'] = file
}

/** One Postgres, one Temporal and one workflow bundle for a whole test run; those that the environment gives are used. */
const setup = async (): Promise<Stop> => {
  const home = await mkdtemp(join(tmpdir(), 'auterity-test-'))
  await chmod(home, 0o711) // the user who runs PostgreSQL for root has to get through
  const stops: Stop[] = []
  const tearDown: Stop = async () => {
    await Promise.all(stops.map((stop) => stop()))
    await rm(home, { recursive: true, force: true })
  }
  const prepared = await Promise.allSettled([
    prepareDatabase(home, stops),
    prepareTemporal(home, stops),
    prepareBundle(home),
  ])
  const failed = prepared.find((part) => part.status === 'rejected')
  if (failed === undefined) return tearDown
  await tearDown()
  throw failed.reason
}

// vitest calls the default export
// oxlint-disable-next-line import/no-default-export
export default setup
