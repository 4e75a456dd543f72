import { withTenant } from '#activities/database.ts'
import { addLines, someLines } from '#activities/gateway/store-batch-lines.ts'
import { cancelBatch, findModelBatch, requestModelBatch } from '#activities/gateway/store-model-batches.ts'
import { costOf, listModelBatches, seeModelBatch } from '#activities/gateway/store-model-batches-seen.ts'
import { findVirtualKey } from '#activities/gateway/store-keys.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault, isFault } from '#schemas/errors.ts'
import { LineChecker } from '#schemas/gateway/batch-lines.ts'
import type { modelBatchRoutes } from '#schemas/gateway/batches.ts'
import { endSoon, startSoon } from './start-batch.ts'

const together = 200

/** What a line that went wrong was told, in a sentence. */
const messageOf = (text: string): string => {
  const { response, result, error } = JSON.parse(text) as {
    response?: { body?: { error?: { message?: string } } } | null
    result?: { error?: { error?: { message?: string } } }
    error?: { message?: string } | null
  }
  return (
    response?.body?.error?.message ??
    result?.error?.error?.message ??
    error?.message ??
    'It was not asked before the batch ended.'
  )
}

export const modelBatchHandlers = (deps: ApiDeps): Handlers<typeof modelBatchRoutes> => {
  const { db, seal } = deps
  return {
    'GET /v1/gateway/batches': ({ ctx, query }) => withTenant(db, ctx, (tx) => listModelBatches(tx, ctx, query)),
    'POST /v1/gateway/batches': async ({ ctx, body, keep }) => {
      const { name, endpoint, key = null } = body
      const checker = new LineChecker(endpoint)
      const lines = body.lines.split('\n').flatMap((text) => checker.check(text) ?? [])
      checker.close()
      if (checker.problems.length > 0)
        throw new Fault('invalid', 'Some lines cannot be asked.', {
          issues: checker.problems.map(({ line, message }) => ({
            path: '/body/lines',
            message: `${line ?? ''}: ${message}`,
          })),
        })
      const made = await withTenant(db, ctx, async (tx) => {
        if (key !== null)
          await findVirtualKey(tx, ctx, key).catch((error: unknown) => {
            if (!isFault(error)) throw error
            throw new Fault('invalid', undefined, { issues: [{ path: '/body/key', message: 'there is no such key' }] })
          })
        const row = await requestModelBatch(tx, ctx, { wire: 'chat', endpoint, key, name, total: lines.length })
        for (let n = 0; n < lines.length; n += together)
          await addLines(tx, seal, { tenant: ctx.tenant, batch: row.id }, lines.slice(n, n + together), n)
        return keep(tx, await seeModelBatch(tx, ctx, row.id))
      })
      await startSoon(deps, { tenant: ctx.tenant, batch: made.id })
      return made
    },
    'GET /v1/gateway/batches/:modelBatch': async ({ ctx, params }) => {
      const seen = await withTenant(db, ctx, async (tx) => ({
        batch: await seeModelBatch(tx, ctx, params.modelBatch),
        ...(await costOf(tx, ctx, params.modelBatch)),
      }))
      const wrong = await someLines(db, seal, { tenant: ctx.tenant, batch: seen.batch.id }, true, {
        from: 0,
        limit: 20,
      })
      const errors = wrong.map(({ row, text }) => ({
        custom: row.custom_id,
        status: row.status,
        message: messageOf(text),
      }))
      return { ...seen, errors }
    },
    'GET /v1/gateway/batches/:modelBatch/results': async ({ ctx, params, query }) => {
      const { part, cursor = 0, limit } = query
      const { id, wire } = await withTenant(db, ctx, (tx) => findModelBatch(tx, ctx, params.modelBatch))
      const of = { tenant: ctx.tenant, batch: id }
      const lines = await someLines(db, seal, of, wire === 'chat' ? part === 'errors' : null, { from: cursor, limit })
      const last = lines.at(-1)
      return {
        lines: lines.map(({ text }) => text).join(''),
        next: last === undefined || lines.length < limit ? null : last.n + 1,
      }
    },
    'POST /v1/gateway/batches/:modelBatch/cancel': async ({ ctx, params }) => {
      const seen = await withTenant(db, ctx, async (tx) => {
        const { state } = await findModelBatch(tx, ctx, params.modelBatch)
        if ((await cancelBatch(tx, ctx, params.modelBatch)) === null)
          throw new Fault('not_possible', `This batch is ${state} already.`)
        return seeModelBatch(tx, ctx, params.modelBatch)
      })
      await endSoon(deps, seen.id)
      return seen
    },
  }
}
