import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeEach } from 'vitest'
import { withTenant, type Tx } from '#activities/database.ts'
import { startRelay, type Observer } from '#activities/gateway/relay/start.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createLog } from '#activities/log.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { serveGateway } from '#api/gateway/serve.ts'
import { Ear } from '#activities/live/ear.ts'
import type { GivenProvider } from '#schemas/gateway/providers.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Routing } from '#schemas/gateway/routing.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testDatabase, testKey, testTenant } from './database.ts'
import { until } from './until.ts'
import { messagesWell } from './upstream-messages.ts'
import { startUpstream, well, type Behaviour, type TestUpstream } from './upstream.ts'

/** A tenant of the gateway's, with a key and the official clients that hold it. */
export type Asker = { ctx: Context; key: string; secret: string; openai: OpenAI; anthropic: Anthropic }
export type TestGateway = Awaited<ReturnType<typeof startGateway>>

/** Where no batch is begun by the one who asks for it, but by the test. */
const away = () => Promise.reject(Object.assign(new Error('Temporal is away.'), { code: 14 }))
const noTemporal = new Client({
  connection: Connection.lazy(),
  interceptors: { workflow: [{ start: away, cancel: away }] },
})

/** The gateway's door on a socket and a database of its own. */
export async function startGateway(
  options: {
    mostWaiting?: number
    mostRecorded?: number
    mostSampled?: number
    home?: string
    observer?: Observer
    temporal?: Client
  } = {},
) {
  const database = await testDatabase()
  const { db } = database
  const log = createLog('test', 'error')
  const seal = createSeal([testKey])
  const ear = new Ear(db)
  ear.open()
  const allow = readAllowed('127.0.0.1/32')
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'auterity-gateway-')))
  const parts = { db, seal, platformModel: null, changes: ear, allow, log, silenceMs: 1_000, ...options, home }
  const relaying = startRelay(parts)
  const batches = { db, seal, log, temporal: options.temporal ?? noTemporal }
  const server = createServer(serveGateway(relaying.relay, log, batches)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    database,
    relaying,
    /** Where its wires are. */
    openai: `${origin}/gateway/openai/v1`,
    anthropic: `${origin}/gateway/anthropic`,
    /**
     * A tenant with these providers, a route `fast` to these targets in turn, and a key that may ask for `models`. Nobody
     * is asked twice, unless `routing` says so.
     */
    async tenant(
      providers: readonly GivenProvider[],
      targets: readonly (Partial<Target> & Pick<Target, 'provider' | 'model'>)[],
      { models = null, routing = {} }: { models?: string[] | null; routing?: Partial<Routing> } = {},
    ): Promise<Asker> {
      const ctx = await testTenant(db)
      const { id, key } = await withTenant(db, ctx, async (tx: Tx) => {
        for (const one of providers) await addProvider(tx, ctx, seal, one)
        await addRoute(tx, ctx, {
          alias: 'fast',
          targets: targets.map((one, priority) => ({ weight: 1, priority, ...one })),
          routing: { ...usualRouting, retries: 0, ...routing },
        })
        return createVirtualKey(tx, ctx, { name: 'Desk', models, tags: { store: 'north' } })
      })
      await until('changes are heard', () => Promise.resolve(ear.hears))
      return {
        ctx,
        key: id,
        secret: key,
        openai: new OpenAI({ apiKey: key, baseURL: this.openai, maxRetries: 0 }),
        anthropic: new Anthropic({ apiKey: key, baseURL: this.anthropic, maxRetries: 0 }),
      }
    },
    /** A relay as another process of the same home has it. */
    async another() {
      const other = startRelay(parts)
      return { ...other, [Symbol.asyncDispose]: () => other.close() }
    },
    /** What of a tenant's requests is written down, oldest first. */
    async written({ tenant }: Context) {
      await relaying.flush()
      return db.system.selectFrom('gateway_request').selectAll().where('tenant_id', '=', tenant).orderBy('id').execute()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await relaying.close()
      ear.close()
      if (options.home === undefined) await rm(home, { recursive: true, force: true })
      await database[Symbol.asyncDispose]()
    },
  }
}

/** For the tests of a file: one gateway, and providers that answer each test as if it were the first. */
export async function useGateway<Name extends string>(
  usually: Readonly<Record<Name, Behaviour>>,
  options: Parameters<typeof startGateway>[0] = {},
): Promise<{ gateway: TestGateway } & Record<Name, TestUpstream>> {
  const names = Object.keys(usually) as Name[]
  const gateway = await startGateway(options)
  const started = await Promise.all(names.map(async (name) => [name, await startUpstream(usually[name])] as const))
  const upstreams = Object.fromEntries(started) as Record<Name, TestUpstream>
  beforeEach(() => {
    for (const [, upstream] of started) upstream.beginAnew()
  })
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    for (const [, upstream] of started) await upstream[Symbol.asyncDispose]()
  })
  return { gateway, ...upstreams }
}

/** The same with two providers, one of each wire, and tenants whose route `fast` leads to them in turn. */
export async function useBothWires() {
  const { gateway, claude, gpt } = await useGateway({ claude: messagesWell, gpt: well })
  return {
    gateway,
    claude,
    gpt,
    tenant: (names: readonly ('claude' | 'gpt' | 'local')[], more: Parameters<TestGateway['tenant']>[2] = {}) =>
      gateway.tenant(
        [
          { kind: 'anthropic', name: 'claude', baseUrl: claude.url, apiKey: 'sk-ant' },
          { kind: 'openai', name: 'gpt', baseUrl: gpt.url, apiKey: 'sk-gpt' },
          { kind: 'compatible', name: 'local', baseUrl: gpt.url },
        ],
        names.map((provider) => ({ provider, model: provider === 'claude' ? 'claude-sonnet-4-5' : 'gpt-5-mini' })),
        more,
      ),
  }
}
