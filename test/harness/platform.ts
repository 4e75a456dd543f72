import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { msNumberToTs } from '@temporalio/common/lib/time.js'
import { createApiKey } from '#activities/access/store.ts'
import { addSource, setAutomation } from '#activities/ingress/store-sources.ts'
import { withTenant } from '#activities/database.ts'
import { createSeal } from '#activities/seal.ts'
import { generateSecret } from '#api/ingress/signature.ts'
import { exitOf, type Exit } from '#deploy/local/child.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import type { Context } from '#schemas/tenancy.ts'
import { scopes } from '#schemas/access.ts'
import { connectTemporal } from '#temporal/client.ts'
import { install } from './drawn.ts'
import { testDatabase, testKey, testTenant, type TestDatabase } from './database.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scripts = {
  sandbox: 'workers/sandbox/main.ts',
  worker: 'workers/main.ts',
  projector: 'workers/projector.ts',
  api: 'api/main.ts',
} as const
export type ProcessName = keyof typeof scripts

export type Platform = AsyncDisposable & {
  url: string
  sandboxUrl: string
  database: TestDatabase
  ctx: Context
  apiKey: string
  hook: { url: string; secret: string }
  namespace: string
  temporalAddress: string
  /** Starts a process, again or beside those of its name; a second api wants a port. Gives it once it is ready. */
  start(name: ProcessName, env?: Record<string, string>): Promise<ChildProcess>
  /** The process of that name that was started last. */
  newest(name: ProcessName): ChildProcess
  /** SIGKILLs the process of that name (the newest of several) and waits until it is gone. */
  kill(name: ProcessName): Promise<void>
  /** Sends a signal to a process that `start` gave and waits until it is gone; gives how it ended. */
  end(child: ChildProcess, signal: NodeJS.Signals): Promise<Exit>
  /** What a process has said so far: the log lines of all of that name. */
  said(name: ProcessName): Promise<string>
  /** Asks the API; throws on an answer that is not 2xx, unless it is expected. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names what the contract says
  get<T = unknown>(path: string): Promise<T>
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  post<T = unknown>(path: string, body?: unknown): Promise<{ status: number; body: T }>
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  put<T = unknown>(path: string, body?: unknown): Promise<{ status: number; body: T }>
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  patch<T = unknown>(path: string, body?: unknown): Promise<{ status: number; body: T }>
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A namespace of one's own on the shared Temporal: the queues of two platforms never meet. */
export const testNamespace = async (address: string): Promise<string> => {
  const namespace = `test-${randomBytes(6).toString('hex')}`
  const client = connectTemporal({ address, namespace: 'default', keys: [testKey] })
  await client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msNumberToTs(86_400_000),
  })
  await client.connection.close()
  return namespace
}
/**
 * The whole platform as real processes on a database and a namespace of its own. `temporalAddress` and `databaseUrl`
 * replace the shared servers, for tests that kill them.
 */
export async function startPlatform(
  options: {
    env?: Record<string, string>
    temporalAddress?: string
    processes?: readonly ProcessName[]
    /** What answers leads, in place of the template. */
    leads?: Definition
  } = {},
): Promise<Platform> {
  const temporalAddress = options.temporalAddress ?? process.env['AUTERITY_TEST_TEMPORAL_ADDRESS']
  if (temporalAddress === undefined)
    throw new Error('AUTERITY_TEST_TEMPORAL_ADDRESS is not set: run tests through `npm test`.')
  const home = await mkdtemp(join(tmpdir(), 'auterity-platform-'))
  const [database, namespace, sandboxPort, apiPort] = await Promise.all([
    testDatabase(),
    testNamespace(temporalAddress),
    freePort(),
    freePort(),
  ])
  const ctx = await testTenant(database.db)
  if (options.leads !== undefined) await install(database.db, ctx, options.leads, 'leads')
  const secret = generateSecret()
  const { slug, apiKey } = await withTenant(database.db, ctx, async (tx) => {
    const source = await addSource(tx, ctx, createSeal([testKey]), 'website', { kind: 'hmac', text: secret })
    if (options.leads !== undefined) await setAutomation(tx, ctx, source, 'leads')
    const tenant = await tx.selectFrom('tenant').select('slug').executeTakeFirstOrThrow()
    return { slug: tenant.slug, apiKey: (await createApiKey(tx, ctx, { name: 'test', scopes })).key }
  })
  const url = `http://127.0.0.1:${apiPort}`
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: join(tmpdir(), 'auterity-compile-cache'),
    DATABASE_URL: database.url,
    AUTERITY_KEY: testKey,
    AUTERITY_HOME: home,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    AUTERITY_PORT: String(apiPort),
    AUTERITY_URL: url,
    AUTERITY_SANDBOX_PORT: String(sandboxPort),
    AUTERITY_SANDBOX_URL: sandboxUrl,
    AUTERITY_WORKFLOW_BUNDLE: process.env['AUTERITY_WORKFLOW_BUNDLE'] ?? '',
    ...options.env,
  }
  const children = new Map<ProcessName, ChildProcess>()
  const all = new Set<ChildProcess>()

  const start = async (name: ProcessName, more: Record<string, string> = {}): Promise<ChildProcess> => {
    const child = fork(join(root, scripts[name]), {
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
    })
    const log = createWriteStream(join(home, `${name}.log`), { flags: 'a' })
    child.stdout?.pipe(log)
    child.stderr?.pipe(log)
    all.add(child)
    children.set(name, child)
    const ready = await Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)])
    if (!ready) throw new Error(`${name} ended before it was ready; see ${home}/${name}.log`)
    return child
  }
  const end = (child: ChildProcess, signal: NodeJS.Signals): Promise<Exit> => {
    const gone = exitOf(child)
    child.kill(signal)
    return gone
  }

  const newest = (name: ProcessName): ChildProcess => {
    const child = children.get(name)
    if (child === undefined) throw new Error(`no ${name} was started`)
    return child
  }

  await Promise.all((options.processes ?? (Object.keys(scripts) as ProcessName[])).map((name) => start(name)))
  const authorization = `Bearer ${apiKey}`
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { authorization, 'content-type': 'application/json' }
    const reply = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })
    return { status: reply.status, body: (await reply.json()) as never }
  }
  return {
    url,
    sandboxUrl,
    database,
    ctx,
    apiKey,
    namespace,
    temporalAddress,
    hook: { url: `${url}/hooks/${slug}/website`, secret },
    start,
    end,
    newest,
    said: (name) => readFile(join(home, `${name}.log`), 'utf8'),
    async kill(name) {
      await end(newest(name), 'SIGKILL')
    },
    async get(path: string) {
      const reply = await fetch(`${url}${path}`, { headers: { authorization } })
      if (!reply.ok) throw new Error(`GET ${path} answered ${reply.status}: ${await reply.text()}`)
      return (await reply.json()) as never
    },
    post: (path, body = {}) => send('POST', path, body),
    put: (path, body = {}) => send('PUT', path, body),
    patch: (path, body = {}) => send('PATCH', path, body),
    async [Symbol.asyncDispose]() {
      await Promise.all([...all].map((child) => end(child, 'SIGKILL')))
      await database[Symbol.asyncDispose]()
      if (process.env['AUTERITY_KEEP_LOGS'] === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}
