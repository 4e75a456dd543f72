import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { withTenant, type Tx } from '#activities/database.ts'
import type { Accounted } from '#activities/gateway/relay/account.ts'
import { createRelay } from '#activities/gateway/relay/index.ts'
import { Knowledge } from '#activities/gateway/relay/known.ts'
import { BatchLog } from '#activities/gateway/relay/log.ts'
import { createUpstream } from '#activities/gateway/relay/upstream.ts'
import { createVirtualKey } from '#activities/gateway/store-keys.ts'
import { addProvider } from '#activities/gateway/store-providers.ts'
import { writeRequests } from '#activities/gateway/store-requests.ts'
import { addRoute } from '#activities/gateway/store-routes.ts'
import { createLog } from '#activities/log.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import { createSeal } from '#activities/seal.ts'
import { serveGateway } from '#api/gateway/serve.ts'
import { Ear } from '#api/live/ear.ts'
import type { GivenProvider } from '#schemas/gateway/providers.ts'
import type { Target } from '#schemas/gateway/routes.ts'
import type { Context } from '#schemas/tenancy.ts'
import { testDatabase, testKey, testTenant } from './database.ts'
import { until } from './until.ts'

/** A tenant of the gateway's, with a key and the official clients that hold it. */
export type Asker = { ctx: Context; key: string; secret: string; openai: OpenAI; anthropic: Anthropic }
export type TestGateway = Awaited<ReturnType<typeof startGateway>>

/** The gateway's door on a socket and a database of its own. */
export async function startGateway() {
  const database = await testDatabase()
  const { db } = database
  const log = createLog('test', 'error')
  const seal = createSeal([testKey])
  const ear = new Ear(db)
  ear.open()
  const upstream = createUpstream({ allow: readAllowed('127.0.0.1/32'), silenceMs: 1_000 })
  const requests = new BatchLog<Accounted>((rows) => writeRequests(db, rows), log)
  const relay = createRelay({ knowledge: new Knowledge(db, seal, ear), upstream, write: (row) => requests.push(row) })
  const server = createServer(serveGateway(relay, log)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    database,
    /** Where its wires are. */
    openai: `${origin}/gateway/openai/v1`,
    anthropic: `${origin}/gateway/anthropic`,
    /** A tenant with these providers, a route `fast` to these targets in turn, and a key that may ask for `models`. */
    async tenant(
      providers: readonly GivenProvider[],
      targets: readonly Pick<Target, 'provider' | 'model'>[],
      models: string[] | null = null,
    ): Promise<Asker> {
      const ctx = await testTenant(db)
      const { id, key } = await withTenant(db, ctx, async (tx: Tx) => {
        for (const one of providers) await addProvider(tx, ctx, seal, one)
        await addRoute(tx, ctx, {
          alias: 'fast',
          targets: targets.map((one, priority) => ({ ...one, weight: 1, priority })),
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
    /** What of a tenant's requests is written down, oldest first. */
    async written({ tenant }: Context) {
      await requests.flush()
      return db.system.selectFrom('gateway_request').selectAll().where('tenant_id', '=', tenant).orderBy('id').execute()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await upstream.close()
      ear.close()
      await requests.flush()
      await database[Symbol.asyncDispose]()
    },
  }
}
