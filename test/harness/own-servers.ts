import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '#deploy/local/postgres.ts'
import { startTemporal } from '#deploy/local/temporal.ts'
import { prepareTemplate } from './database.ts'

export type OwnServers = AsyncDisposable & {
  temporalAddress: string
  /** SIGKILLs a server and waits until it is gone. */
  kill(name: 'postgres' | 'temporal'): Promise<void>
  /** Starts it again on its data and port. */
  start(name: 'postgres' | 'temporal'): Promise<void>
}

/** A Postgres and a Temporal that one test file may kill: the shared ones serve the others. */
export async function ownServers(): Promise<OwnServers> {
  const home = await mkdtemp(join(tmpdir(), 'auterity-own-'))
  const starters = {
    postgres: (port?: number) => startPostgres({ home, password: 'test', ...(port === undefined ? {} : { port }) }),
    temporal: (port?: number) => startTemporal({ home, ...(port === undefined ? {} : { port }) }),
  }
  const [postgres, temporal] = await Promise.all([starters.postgres(), starters.temporal()])
  const running: Record<keyof typeof starters, Awaited<ReturnType<(typeof starters)[keyof typeof starters]>>> = {
    postgres,
    temporal,
  }
  // this file runs in a process of its own
  process.env['AUTERITY_TEST_DATABASE_URL'] = postgres.url
  await prepareTemplate()
  return {
    temporalAddress: temporal.address,
    async kill(name) {
      process.kill(running[name].pid, 'SIGKILL')
      await running[name].exited
    },
    async start(name) {
      running[name] = await starters[name](running[name].port)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(running).map((server) => server.stop()))
      await rm(home, { recursive: true, force: true })
    },
  }
}
