import { withTenant } from '#activities/database.ts'
import { addBudget, changeBudget, deleteBudget, findBudget, listBudgets } from '#activities/gateway/store-budgets.ts'
import {
  changeVirtualKey,
  createVirtualKey,
  findVirtualKey,
  listVirtualKeys,
  revokeVirtualKey,
  rotateVirtualKey,
} from '#activities/gateway/store-keys.ts'
import {
  addProvider,
  addProviderKey,
  changeProvider,
  deleteProvider,
  deleteProviderKey,
  findProvider,
  listProviders,
} from '#activities/gateway/store-providers.ts'
import { changeCache, emptyCache, findCache, readCourse } from '#activities/gateway/store-cache.ts'
import { changeLevers, findLevers } from '#activities/gateway/store-levers.ts'
import { readCosts } from '#activities/gateway/store-costs.ts'
import { listHealthChanges, listUnwell, readFigures } from '#activities/gateway/store-health.ts'
import { findPriceList, listUnpriced } from '#activities/gateway/store-price-list.ts'
import { addPrice, deletePrice, listPrices } from '#activities/gateway/store-prices.ts'
import { deleteBodies, readBodies } from '#activities/gateway/store-bodies.ts'
import { changeRecording, deleteRecording, findRecording } from '#activities/gateway/store-recording.ts'
import { findModelRequest, listModelRequests } from '#activities/gateway/store-requests.ts'
import { addRoute, changeRoute, deleteRoute, findRoute, listRoutes } from '#activities/gateway/store-routes.ts'
import { guardrailHandlers } from './guardrails.ts'
import { speeches } from '#activities/gateway/relay/speech.ts'
import type { Handlers } from '#api/contract.ts'
import type { ApiDeps } from '#api/deps.ts'
import type { gatewayRoutes } from '#schemas/gateway/index.ts'
import { addedKind, kinds } from '#schemas/gateway/kinds/index.ts'
import type { Operation, ProviderKind } from '#schemas/gateway/kinds/kind.ts'
import type { ProviderKindFacts } from '#schemas/gateway/providers.ts'
import { modelBatchHandlers } from './batches.ts'
import { classifierHandlers } from './classifiers.ts'
import { playgroundHandlers } from './playground.ts'
import { playgroundsHandlers } from './playgrounds.ts'
import { replayHandlers } from './replay.ts'
import { qualityHandlers } from './quality.ts'
import { platformAlias } from '#schemas/gateway/platform-model.ts'

/** What can be asked of it: as it comes, or said in its own way. */
const operationsOf = (paths: ProviderKind['paths']): string[] =>
  Object.entries(speeches).flatMap(([operation, { spoken }]) =>
    spoken !== null || paths[operation as Operation] !== undefined ? [operation] : [],
  )

const kindFacts = addedKind.options.map((kind): ProviderKindFacts => {
  const { title, about, baseUrl, address, key, aboutKey, paths } = kinds[kind]
  return { kind, title, about, baseUrl, address, key, aboutKey, operations: operationsOf(paths) }
})

export const gatewayHandlers = (deps: ApiDeps): Handlers<typeof gatewayRoutes> => {
  const { db, seal, platformModel } = deps
  return {
    ...guardrailHandlers({ db, seal }),
    ...modelBatchHandlers(deps),
    ...classifierHandlers(deps),
    ...playgroundHandlers(deps),
    ...playgroundsHandlers(deps),
    ...replayHandlers(deps),
    ...qualityHandlers(deps),
    'GET /v1/gateway/kinds': () => Promise.resolve({ items: kindFacts }),
    'GET /v1/gateway/platform': () =>
      Promise.resolve({
        model:
          platformModel === null
            ? null
            : { alias: platformAlias, kind: platformModel.kind, model: platformModel.model },
      }),
    'GET /v1/gateway/providers': ({ ctx, query }) => withTenant(db, ctx, (tx) => listProviders(tx, ctx, query)),
    'POST /v1/gateway/providers': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await addProvider(tx, ctx, seal, body))),
    'GET /v1/gateway/providers/:provider': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => findProvider(tx, ctx, params.provider)),
    'PATCH /v1/gateway/providers/:provider': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => changeProvider(tx, ctx, params.provider, body)),
    'DELETE /v1/gateway/providers/:provider': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => deleteProvider(tx, ctx, params.provider))
      return null
    },
    'POST /v1/gateway/providers/:provider/keys': ({ ctx, params, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await addProviderKey(tx, ctx, seal, params.provider, body))),
    'DELETE /v1/gateway/providers/:provider/keys/:providerKey': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => deleteProviderKey(tx, ctx, params.provider, params.providerKey)),
    'GET /v1/gateway/routes': ({ ctx, query }) => withTenant(db, ctx, (tx) => listRoutes(tx, ctx, query)),
    'POST /v1/gateway/routes': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await addRoute(tx, ctx, body))),
    'GET /v1/gateway/routes/:route': ({ ctx, params }) => withTenant(db, ctx, (tx) => findRoute(tx, ctx, params.route)),
    'PATCH /v1/gateway/routes/:route': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => changeRoute(tx, ctx, params.route, body)),
    'DELETE /v1/gateway/routes/:route': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => deleteRoute(tx, ctx, params.route))
      return null
    },
    'GET /v1/gateway/keys': ({ ctx, query }) => withTenant(db, ctx, (tx) => listVirtualKeys(tx, ctx, query)),
    'POST /v1/gateway/keys': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await createVirtualKey(tx, ctx, body))),
    'GET /v1/gateway/keys/:virtualKey': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => findVirtualKey(tx, ctx, params.virtualKey)),
    'PATCH /v1/gateway/keys/:virtualKey': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => changeVirtualKey(tx, ctx, params.virtualKey, body)),
    'POST /v1/gateway/keys/:virtualKey/rotate': ({ ctx, params, body, keep }) =>
      withTenant(db, ctx, async (tx) =>
        keep(tx, await rotateVirtualKey(tx, ctx, params.virtualKey, body.overlapHours)),
      ),
    'DELETE /v1/gateway/keys/:virtualKey': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => revokeVirtualKey(tx, ctx, params.virtualKey)),
    'GET /v1/gateway/health': ({ ctx }) =>
      withTenant(db, ctx, async (tx) => ({
        states: await listUnwell(tx, ctx),
        changes: await listHealthChanges(tx, ctx),
        figures: await readFigures(tx, ctx),
      })),
    'GET /v1/gateway/budgets': ({ ctx, query }) => withTenant(db, ctx, (tx) => listBudgets(tx, ctx, query)),
    'POST /v1/gateway/budgets': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await addBudget(tx, ctx, body))),
    'GET /v1/gateway/budgets/:budget': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => findBudget(tx, ctx, params.budget)),
    'PATCH /v1/gateway/budgets/:budget': ({ ctx, params, body }) =>
      withTenant(db, ctx, (tx) => changeBudget(tx, ctx, params.budget, body)),
    'DELETE /v1/gateway/budgets/:budget': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => deleteBudget(tx, ctx, params.budget)),
    'GET /v1/gateway/prices': ({ ctx, query }) => withTenant(db, ctx, (tx) => listPrices(tx, ctx, query)),
    'POST /v1/gateway/prices': ({ ctx, body, keep }) =>
      withTenant(db, ctx, async (tx) => keep(tx, await addPrice(tx, ctx, body))),
    'DELETE /v1/gateway/prices/:price': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => deletePrice(tx, ctx, params.price))
      return null
    },
    'GET /v1/gateway/providers/:provider/price-list': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => findPriceList(tx, ctx, params.provider)),
    'GET /v1/gateway/prices/missing': ({ ctx }) =>
      withTenant(db, ctx, async (tx) => ({ items: await listUnpriced(tx, ctx) })),
    'GET /v1/gateway/costs': ({ ctx, query }) => withTenant(db, ctx, (tx) => readCosts(tx, ctx, query)),
    'GET /v1/gateway/levers': ({ ctx }) => withTenant(db, ctx, (tx) => findLevers(tx, ctx)),
    'PATCH /v1/gateway/levers': ({ ctx, body }) => withTenant(db, ctx, (tx) => changeLevers(tx, ctx, body)),
    'GET /v1/gateway/cache': ({ ctx }) => withTenant(db, ctx, (tx) => findCache(tx, ctx)),
    'PATCH /v1/gateway/cache': ({ ctx, body }) => withTenant(db, ctx, (tx) => changeCache(tx, ctx, body)),
    'POST /v1/gateway/cache/empty': ({ ctx }) => withTenant(db, ctx, (tx) => emptyCache(tx, ctx)),
    'GET /v1/gateway/cache/course': ({ ctx, query }) => withTenant(db, ctx, (tx) => readCourse(tx, ctx, query.days)),
    'GET /v1/gateway/requests': ({ ctx, query }) => withTenant(db, ctx, (tx) => listModelRequests(tx, ctx, query)),
    'GET /v1/gateway/requests/:modelRequest': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => findModelRequest(tx, ctx, params.modelRequest)),
    'GET /v1/gateway/requests/:modelRequest/bodies': ({ ctx, params }) =>
      withTenant(db, ctx, (tx) => readBodies(tx, ctx, seal, params.modelRequest)),
    'DELETE /v1/gateway/requests/:modelRequest/bodies': async ({ ctx, params }) => {
      await withTenant(db, ctx, (tx) => deleteBodies(tx, ctx, params.modelRequest))
      return null
    },
    'GET /v1/gateway/recording': ({ ctx }) => withTenant(db, ctx, (tx) => findRecording(tx, ctx)),
    'PATCH /v1/gateway/recording': ({ ctx, body }) => withTenant(db, ctx, (tx) => changeRecording(tx, ctx, body)),
    'POST /v1/gateway/recording/delete': ({ ctx }) => withTenant(db, ctx, (tx) => deleteRecording(tx, ctx)),
  }
}
