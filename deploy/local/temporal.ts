import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Connection } from '@temporalio/client'
import { msNumberToTs } from '@temporalio/common/lib/time.js'
import { answers, lastSaid } from './answers.ts'
import { type Exit, endChild, exitOf } from './child.ts'
import { freePort } from './ports.ts'
import { Problem } from './problem.ts'
import { temporalBinary } from './temporal-binary.ts'

export type Temporal = { address: string; port: number; pid: number; exited: Promise<Exit>; stop(): Promise<void> }
export type TemporalOptions = {
  home: string
  port?: number
  log?: (line: string) => void
  spawned?: (pid: number) => void
  signal?: AbortSignal
}

/** How long closed workflows stay: the dev server's own 24 h would empty the timelines of yesterday. */
const retentionSeconds = 30 * 24 * 60 * 60

/**
 * The dev server has one shard, and by default moves 20 tasks a second through it, so each step takes 50 ms. One
 * partition makes priority and fairness exact.
 */
const dynamicConfig = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 2000,
  'history.outboundProcessorMaxPollRPS': 2000,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.enableFairness': true,
  'frontend.namespaceCount': 5000,
}

const argsFor = (port: number, file: string): string[] => {
  const options = [
    ['--ip', '127.0.0.1'],
    ['--port', String(port)],
    ['--db-filename', file],
    ['--sqlite-pragma', 'journal_mode=wal'],
    ['--sqlite-pragma', 'synchronous=1'],
    ['--log-level', 'warn'],
    ...Object.entries(dynamicConfig).map(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
  ]
  return ['server', 'start-dev', '--headless', ...options.flat()]
}

const prepareNamespace = async (address: string): Promise<void> => {
  const connection = await Connection.connect({ address, connectTimeout: '1 s' })
  try {
    await connection.withDeadline(Date.now() + 5000, () => keepRuns(connection))
  } finally {
    await connection.close()
  }
}

const keepRuns = async ({ workflowService }: Connection): Promise<void> => {
  const { config } = await workflowService.describeNamespace({ namespace: 'default' })
  if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) >= retentionSeconds) return
  const workflowExecutionRetentionTtl = msNumberToTs(retentionSeconds * 1000)
  await workflowService.updateNamespace({ namespace: 'default', config: { workflowExecutionRetentionTtl } })
}

/**
 * Runs Temporal's dev server on 127.0.0.1 with its histories in `<home>/temporal/<CLI version>.db`: the server never
 * migrates a file of another version. Waits until the namespace `default` answers, and keeps closed runs 30 days.
 */
export async function startTemporal({ home, log, spawned, signal, ...options }: TemporalOptions): Promise<Temporal> {
  const root = resolve(home)
  for (const folder of ['logs', 'temporal']) mkdirSync(join(root, folder), { recursive: true })
  const binary = await temporalBinary(root, { log, signal })
  const port = options.port ?? (await freePort())
  const address = `127.0.0.1:${port}`
  const logFile = join(root, 'logs/temporal.log')
  const output = openSync(logFile, 'a', 0o600)
  const offset = fstatSync(output).size
  // The CLI reads TEMPORAL_… itself; whatever is set for our workers must not steer the server.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('TEMPORAL_')))
  const args = argsFor(port, join(root, 'temporal', `${binary.version}.db`))
  const child = spawn(binary.path, args, { env, detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  if (child.pid !== undefined) spawned?.(child.pid)
  const patience = { name: 'Temporal', logFile, offset, limitMs: 120_000 }
  if (!(await answers(child, () => prepareNamespace(address), patience))) {
    const said = lastSaid(logFile, offset, 1)
    const full = /disk is full|no space left/i.test(said)
    throw new Problem(`Temporal did not start: ${said}.`, full ? 'Free some space (about 1 GB).' : `See ${logFile}.`)
  }
  log?.(`Temporal listens on ${address}`)
  return { address, port, pid: child.pid ?? 0, exited: exitOf(child), stop: () => endChild(child, 'SIGTERM', 15_000) }
}
