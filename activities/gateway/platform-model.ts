import { kinds } from '#schemas/gateway/kinds/index.ts'
import { platformAlias, platformName, type PlatformModel } from '#schemas/gateway/platform-model.ts'
import { targetOf } from '#schemas/gateway/routes.ts'
import { usualRouting } from '#schemas/gateway/routing.ts'
import type { Models } from './store-known.ts'

/** What answers at every tenant: the platform's own provider, by its one name. */
export function platformModels(model: PlatformModel | null): Models {
  if (model === null) return { providers: new Map(), routes: new Map() }
  const { kind, baseUrl, key } = model
  const provider = {
    name: platformName,
    kind,
    baseUrl: baseUrl ?? kinds[kind].baseUrl ?? '',
    enabled: true,
    shared: true,
    keys: [{ id: platformName, secret: key }],
  }
  return {
    providers: new Map([[platformName, provider]]),
    routes: new Map([[platformAlias, { targets: [targetOf(platformName, model.model)], routing: usualRouting }]]),
  }
}

/** The platform's, and before them a tenant's own. */
export const withPlatform = (platform: Models, own: Models): Models => ({
  providers: new Map([...own.providers, ...platform.providers]),
  routes: new Map([...platform.routes, ...own.routes]),
})
