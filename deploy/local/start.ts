import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Demo } from '../demo.ts'
import { buildBundle } from './build-bundle.ts'
import { buildUi } from './build-ui.ts'
import { runToEnd } from './child.ts'
import { type StartConfig, startConfig } from './config.ts'
import { startControl } from './control.ts'
import { bringToLife, putToRest } from './demo-life.ts'
import { choosePorts, openHome, type Ports, secretOf } from './home.ts'
import { nodePart } from './node-part.ts'
import { startPostgres } from './postgres.ts'
import { explained, Problem, sentenceOf } from './problem.ts'
import { record } from './process-records.ts'
import { type Part, Supervisor } from './supervisor.ts'
import { checkTemporal } from './temporal-check.ts'
import { startTemporal } from './temporal.ts'

const root = resolve(import.meta.dirname, '../..')

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const postgresPart = (home: string, port: number, password: string): Part => ({
  name: 'postgres',
  stopSignal: 'SIGINT', // PostgreSQL's fast shutdown
  start: (spawned, signal) => startPostgres({ home, port, password, spawned, signal }),
})

const temporalPart = (home: string, port: number): Part => ({
  name: 'temporal',
  stopSignal: 'SIGTERM',
  start: (spawned, signal) => startTemporal({ home, port, spawned, signal, log: say }),
})

type Environment = Record<string, string>

const runScript = async (script: string, env: Environment, signal: AbortSignal): Promise<string> => {
  const options = { env: { ...process.env, ...env }, signal }
  const { code, text } = await runToEnd(process.execPath, [join(root, script)], options)
  if (code === explained) throw new Problem(text.trim(), '')
  if (code !== 0) throw new Problem(`${script} failed:\n${text.trim()}\n`, 'Start again once that is put right.')
  return text
}

const localUrl = (ports: Ports): string => `http://localhost:${ports.api}`
const sandboxUrl = (ports: Ports): string => `http://127.0.0.1:${ports.sandbox}`

const environment = (config: StartConfig, ports: Ports, password: string): Environment => ({
  DATABASE_URL:
    config.databaseUrl ?? `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${ports.postgres}/auterity`,
  TEMPORAL_ADDRESS: config.temporal?.address ?? `127.0.0.1:${ports.temporal}`,
  AUTERITY_KEY: config.key ?? secretOf(config.home, 'key'),
  AUTERITY_HOME: config.home,
  AUTERITY_PORT: String(ports.api),
  AUTERITY_URL: config.url ?? localUrl(ports),
  AUTERITY_DEMO: config.demo ? '1' : '0',
  ...(config.sandbox && {
    AUTERITY_SANDBOX_PORT: String(ports.sandbox),
    AUTERITY_SANDBOX_URL: sandboxUrl(ports),
  }),
})

const bringUp = async (config: StartConfig, supervisor: Supervisor, token: string, url: string): Promise<void> => {
  const { home } = config
  const { stopping } = supervisor
  const ports = await choosePorts(home, config.port)
  if (config.port === undefined && ports.api !== 4700) say(`port 4700 is occupied, using ${ports.api}`)
  const password = secretOf(home, 'postgres-password')
  const base = environment(config, ports, password)
  const env: Environment = { ...base, AUTERITY_SUPERVISOR_URL: url, AUTERITY_SUPERVISOR_TOKEN: token }
  const node = (name: string, script: string): Part => nodePart({ name, script: join(root, script), home, env })

  const database = async (): Promise<void> => {
    if (config.databaseUrl === undefined) await supervisor.up([postgresPart(home, ports.postgres, password)])
    await runScript('deploy/migrate.ts', env, stopping)
  }
  const temporal = async (): Promise<void> => {
    if (config.temporal === undefined) await supervisor.up([temporalPart(home, ports.temporal)])
    else await checkTemporal(config.temporal)
  }
  const screen = (): Promise<void> =>
    buildUi(root, say, { signal: stopping, spawned: (pid) => record(home, 'ui', pid, 'SIGKILL') })
  const bundle = async (): Promise<void> => {
    if (process.env['AUTERITY_WORKFLOW_BUNDLE'] !== undefined) return
    env['AUTERITY_WORKFLOW_BUNDLE'] = await buildBundle(root, home, async (file) => {
      await runScript('workers/bundle.ts', { ...env, AUTERITY_WORKFLOW_BUNDLE: file }, stopping)
    })
  }
  await Promise.all([database(), temporal(), screen(), bundle()])
  // They start at once and stop from the last to the first: what an api has begun takes a worker to bring to its end,
  // and what a worker has begun takes the sandbox.
  const sandbox = async (): Promise<void> => {
    if (!config.sandbox) return
    await supervisor.up([node('sandbox', 'workers/sandbox/main.ts')])
    // before anything can take them
    if (!config.demo) await putToRest(sandboxUrl(ports))
  }
  await Promise.all([
    sandbox(),
    supervisor.up([node('worker', 'workers/main.ts'), node('projector', 'workers/projector.ts')]),
    supervisor.up([node('api', 'api/main.ts')]),
  ])
  const last =
    (await runScript('deploy/demo.ts', env, stopping)).split('\n').findLast((line) => line.startsWith('{')) ?? '{}'
  const { note, colleague, ...about } = JSON.parse(last) as Partial<Demo> & { note?: string }
  if (config.demo && about.hook !== undefined && colleague !== undefined) {
    // from here, also where people reach us by another address
    const here = localUrl(ports)
    await bringToLife(sandboxUrl(ports), {
      hook: { ...about.hook, url: new URL(new URL(about.hook.url).pathname, here).href },
      colleague: { ...colleague, url: here },
    })
  }
  if (note !== undefined) say(note)
  const pretend = config.sandbox ? { sandbox: { url: sandboxUrl(ports) } } : {}
  say(`ready ${JSON.stringify({ url: base['AUTERITY_URL'], ...about, ...pretend })}`)
}

/** A terminal signals all at once, and npm passes it on: what comes within this time is the same one. */
const onceMs = 500

const main = async (): Promise<void> => {
  const config = startConfig(process.argv.slice(2), process.env, root)
  openHome(config.home)
  const supervisor = await Supervisor.open(config.home, say)
  const token = randomBytes(32).toString('base64url')
  const control = await startControl(supervisor, token)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= supervisor.stop().then(() => control.stop()))
  let asked: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked === undefined) say('stopping; what was begun is brought to its end first (once more: by force)')
      else if (performance.now() - asked > onceMs) supervisor.force()
      asked ??= performance.now()
      void stop()
    })
  }
  try {
    await bringUp(config, supervisor, token, control.url)
  } catch (error) {
    const interrupted = stopping !== undefined
    await stop()
    if (!interrupted) throw error
  }
}

// A terminal that is closed takes no more lines, and that is no reason to end without stopping what runs.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  await main()
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  process.exitCode = 1
}
