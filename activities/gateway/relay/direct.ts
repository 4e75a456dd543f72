import type { JsonObject } from '#schemas/automation/json.ts'
import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { HeaderReader } from '#schemas/gateway/wires/failure.ts'
import type { Caller, Models } from '../store-known.ts'
import { readAsked, type Asked } from './asked.ts'
import type { Relay } from './index.ts'
import type { Sink } from './sink.ts'

/** Who answered: the provider by its name, and what kind it is; null where nobody was asked. */
export type Answerer = { provider: string; kind: KindName | null; model: string }

/** A whole answer. */
export type Reply = { status: number; header: HeaderReader; body: Uint8Array; by: Answerer }

type How = {
  headers: Readonly<Record<string, string>>
  signal: AbortSignal
  /** By the name alone, whatever rules say, and not out of the cache; so that nobody samples it either. */
  apart?: boolean
}

/**
 * Asks from within the platform, on OpenAI's wire and not as a stream. `headers` go along to the provider.
 * @throws the reason of `signal` where it is given up
 */
export async function askDirectly(relay: Relay, caller: Caller, body: JsonObject, how: How): Promise<Reply> {
  const asked = readAsked('chat', Buffer.from(JSON.stringify(body)), {}, true)
  if ('why' in asked) throw new Error(asked.why)
  return askAs(relay, caller, asked, how)
}

/** The same of what somebody has written down to be asked. */
export async function askAs(relay: Relay, caller: Caller, asked: Asked, how: How): Promise<Reply> {
  const { headers, signal, apart = false } = how
  const models = await relay.knowledge.models(caller.tenant)
  signal.throwIfAborted()
  if (!apart) return gather(relay, caller, models, { ...asked, along: headers }, signal)
  const told = { 'cache-control': 'no-store' }
  return gather(relay, caller, { ...models, steering: null }, { ...asked, along: headers, told }, signal)
}

/** How long a question of the gateway's own may take, in ms. */
const patience = 10_000

/** Asks what the gateway itself wants to know in the name of a caller, and gives the body of a good answer. */
export const withinOf =
  (relay: Pick<Relay, 'ask'>) =>
  async (caller: Caller, models: Models, asked: Asked): Promise<Uint8Array | null> => {
    try {
      const { status, body } = await gather(relay, caller, models, asked, AbortSignal.timeout(patience))
      return status === 200 ? body : null
    } catch {
      return null
    }
  }

/** An answer, once it is whole. Rejects with the reason of `signal` where it is given up. */
const gather = (
  relay: Pick<Relay, 'ask'>,
  caller: Caller,
  models: Models,
  asked: Asked,
  signal: AbortSignal,
): Promise<Reply> =>
  new Promise<Reply>((resolve, reject) => {
    const gathered = new Gathered()
    const giveUp = () => {
      underWay.abandon()
      reject(signal.reason as Error)
    }
    const underWay = relay.ask(caller, models, asked, gathered, () => {
      signal.removeEventListener('abort', giveUp)
      const { status, headers: told } = gathered
      const provider = told['x-auterity-provider'] ?? ''
      const by = {
        provider,
        model: told['x-auterity-model'] ?? asked.model,
        kind: models.providers.get(provider)?.kind ?? null,
      }
      resolve({ status, header: (name) => told[name], body: gathered.body, by })
    })
    signal.addEventListener('abort', giveUp, { once: true })
  })

/** Holds an answer until it is whole. */
class Gathered implements Sink {
  status = 0
  headers: Readonly<Record<string, string>> = {}
  readonly #pieces: Buffer[] = []

  get body(): Uint8Array {
    return Buffer.concat(this.#pieces)
  }

  begin(status: number, headers: Readonly<Record<string, string>>): void {
    this.status = status
    this.headers = headers
  }

  write(bytes: Uint8Array | string): boolean {
    this.#pieces.push(typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes))
    return true
  }

  end(bytes?: Uint8Array | string): void {
    if (bytes !== undefined) this.write(bytes)
  }

  cut(): void {}

  drained(go: () => void): void {
    go()
  }
}
