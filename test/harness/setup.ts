import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '#deploy/local/postgres.ts'
import { startTemporal } from '#deploy/local/temporal.ts'
import { prepareTemplate } from './database.ts'

/** One Postgres and one Temporal for a whole test run; servers given by the environment are used instead. */
const setup = async (): Promise<() => Promise<void>> => {
  const home = await mkdtemp(join(tmpdir(), 'auterity-test-'))
  const stops: (() => Promise<void>)[] = []
  if (process.env['AUTERITY_TEST_DATABASE_URL'] === undefined) {
    const postgres = await startPostgres({ home, password: 'test' })
    stops.push(() => postgres.stop())
    process.env['AUTERITY_TEST_DATABASE_URL'] = postgres.url
  }
  if (process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] === undefined) {
    const temporal = await startTemporal({ home })
    stops.push(() => temporal.stop())
    process.env['AUTERITY_TEST_TEMPORAL_ADDRESS'] = temporal.address
  }
  await prepareTemplate()
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
    await rm(home, { recursive: true, force: true })
  }
}

// vitest calls the default export
// oxlint-disable-next-line import/no-default-export
export default setup
