import { createLog } from '#activities/log.ts'
import { readAllowed } from '#activities/outgoing-address.ts'
import type { PlatformModel } from '#schemas/gateway/platform-model.ts'
import { createGateway, type Gateway } from './complete.ts'
import type { Accounted } from './relay/accounted.ts'
import { plainBooks } from './relay/books.ts'
import { createRelay } from './relay/index.ts'
import { createUpstream } from './relay/upstream.ts'
import { platformModels } from './platform-model.ts'
import { noModels } from './store-known.ts'
import type { Answers, Asker } from './store-answers.ts'

/** Answers are kept in memory, for as long as a test. */
export const keptInMemory = (): Answers => {
  const kept = new Map<string, string>()
  const nameOf = ({ tenant, run, step }: Asker, asked: string) => JSON.stringify([tenant, run, step, asked])
  return {
    find: async (of, asked) => kept.get(nameOf(of, asked)) ?? null,
    keep: async (of, asked, answer) => void kept.set(nameOf(of, asked), answer),
    async forget(of) {
      const begin = nameOf(of, '').slice(0, -3)
      for (const name of kept.keys()) if (name.startsWith(begin)) kept.delete(name)
    },
  }
}

/** The platform's model as a worker asks it, with no database behind; `accounted` is what would be written down. */
export const gatewayOf = (model: PlatformModel): { gateway: Gateway; accounted: Accounted[] } => {
  const accounted: Accounted[] = []
  const relay = createRelay({
    knowledge: { caller: () => null, models: () => ({ ...noModels, ...platformModels(model) }) },
    upstream: createUpstream({ allow: readAllowed() }),
    books: plainBooks((row) => void accounted.push(row)),
    answers: null,
    changed: () => {},
    log: createLog('test', 'error'),
  })
  return { gateway: createGateway({ relay, answers: keptInMemory() }), accounted }
}

/** The sandbox at this address as the platform's model. */
export const sandboxModel = (url: string): PlatformModel => ({
  kind: 'sandbox',
  baseUrl: `${url}/openai/v1`,
  key: 'sk-sandbox',
  model: 'sandbox-lead-1',
})
