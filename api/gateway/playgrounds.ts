import { withTenant } from '#activities/database.ts'
import { contentOf } from '#activities/gateway/relay/again.ts'
import { readAskedWhole, readBodies } from '#activities/gateway/store-bodies.ts'
import {
  addPlayground,
  changePlayground,
  deletePlayground,
  findPlayground,
  listPlaygrounds,
  restorePlayground,
  savePlayground,
} from '#activities/gateway/store-playgrounds.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import { Fault } from '#schemas/errors.ts'
import type { playgroundsRoutes } from '#schemas/gateway/playgrounds.ts'
import { mayRead } from './replay.ts'

export const playgroundsHandlers = ({
  db,
  seal,
}: Pick<ApiDeps, 'db' | 'seal'>): Handlers<typeof playgroundsRoutes> => ({
  'GET /v1/gateway/playgrounds': ({ ctx, query }) => withTenant(db, ctx, (tx) => listPlaygrounds(tx, ctx, query)),
  'POST /v1/gateway/playgrounds': ({ ctx, body, keep }) =>
    withTenant(db, ctx, async (tx) => {
      if (!('request' in body)) return keep(tx, await addPlayground(tx, ctx, seal, body))
      mayRead(ctx)
      const { operation, text } = await readAskedWhole(tx, ctx, seal, body.request)
      const content = contentOf(operation, text)
      if (content === null) throw new Fault('not_possible', 'This request is no conversation.')
      // whoever sees it here has opened it
      await readBodies(tx, ctx, seal, body.request)
      return keep(tx, await addPlayground(tx, ctx, seal, { name: `Request …${body.request.slice(-8)}`, content }))
    }),
  'GET /v1/gateway/playgrounds/:playground': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => findPlayground(tx, ctx, seal, params.playground)),
  'PATCH /v1/gateway/playgrounds/:playground': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => changePlayground(tx, ctx, params.playground, body)),
  'PUT /v1/gateway/playgrounds/:playground/content': ({ ctx, params, body }) =>
    withTenant(db, ctx, (tx) => savePlayground(tx, ctx, seal, params.playground, body)),
  'DELETE /v1/gateway/playgrounds/:playground': async ({ ctx, params }) => {
    await withTenant(db, ctx, (tx) => deletePlayground(tx, ctx, params.playground))
    return null
  },
  'POST /v1/gateway/playgrounds/:playground/restore': ({ ctx, params }) =>
    withTenant(db, ctx, (tx) => restorePlayground(tx, ctx, params.playground)),
})
