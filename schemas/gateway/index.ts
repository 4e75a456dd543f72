import { modelBatchRoutes } from './batches.ts'
import { bodyRoutes } from './bodies.ts'
import { budgetRoutes } from './budgets.ts'
import { cacheRoutes } from './cache.ts'
import { classifierRoutes } from './classifiers.ts'
import { costRoutes } from './costs.ts'
import { guardrailRoutes } from './guardrails/index.ts'
import { healthRoutes } from './health.ts'
import { keyRoutes } from './keys.ts'
import { leverRoutes } from './levers.ts'
import { playgroundRoutes } from './playground.ts'
import { playgroundsRoutes } from './playgrounds.ts'
import { priceListRoutes } from './price-list.ts'
import { priceRoutes } from './prices.ts'
import { providerRoutes } from './providers.ts'
import { qualityRoutes } from './quality/index.ts'
import { recordingRoutes } from './recording.ts'
import { replayRoutes } from './replays.ts'
import { requestRoutes } from './requests.ts'
import { routeRoutes } from './routes.ts'
import { platformModelRoutes } from './platform-model.ts'

/** The contract of the gateway's management; the wires themselves are OpenAI's and Anthropic's. */
export const gatewayRoutes = {
  ...providerRoutes,
  ...platformModelRoutes,
  ...routeRoutes,
  ...keyRoutes,
  ...budgetRoutes,
  ...guardrailRoutes,
  ...priceRoutes,
  ...priceListRoutes,
  ...playgroundRoutes,
  ...playgroundsRoutes,
  ...requestRoutes,
  ...replayRoutes,
  ...bodyRoutes,
  ...recordingRoutes,
  ...modelBatchRoutes,
  ...healthRoutes,
  ...cacheRoutes,
  ...leverRoutes,
  ...classifierRoutes,
  ...qualityRoutes,
  ...costRoutes,
}
