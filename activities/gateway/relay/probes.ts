import { kinds } from '#schemas/gateway/kinds/index.ts'
import { failure } from '#schemas/gateway/wires/failure.ts'
import type { Health } from './health.ts'
import type { Callee } from './plan.ts'
import type { Answering, Upstream } from './upstream.ts'

/** How long a provider may take to say that it is there, in ms. */
const patience = 5_000

/**
 * Looks whether targets that are left alone are there again, by what costs nothing, so that no request has to be the first to
 * find out that they are not. Each is looked at just before its rest is over, for as long as somebody wants to ask it.
 */
export class Probes {
  readonly #upstream: Upstream
  readonly #health: Health
  #isClosed = false
  readonly #coming = new Map<string, NodeJS.Timeout>()

  constructor(upstream: Upstream, health: Health) {
    this.#upstream = upstream
    this.#health = health
  }

  watch(callee: Callee): void {
    const { patient, candidate } = callee
    const name = `${patient.tenant} ${patient.provider} ${patient.model}`
    const wait = kinds[candidate.provider.kind].probe === null ? undefined : this.#health.lookIn(patient)
    if (wait === undefined || this.#coming.has(name)) return
    const timer = setTimeout(() => {
      this.#coming.delete(name)
      this.#look(callee)
    }, wait)
    timer.unref()
    this.#coming.set(name, timer)
  }

  /** Nobody is looked at any more. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#coming.values()) clearTimeout(timer)
  }

  #look(callee: Callee): void {
    const { provider } = callee.candidate
    const kind = kinds[provider.kind]
    const url = new URL(provider.baseUrl + (kind.probe ?? ''))
    let isOver = false
    let looking: Answering | undefined
    const over = (isThere: boolean): void => {
      if (isOver || this.#isClosed) return
      isOver = true
      clearTimeout(late)
      looking?.abort()
      if (isThere) return this.#health.isThere(callee.patient)
      this.#health.failed(callee.patient, failure('broken', 'It was looked at, and is not there.'))
      this.watch(callee)
    }
    const late = setTimeout(() => over(false), patience)
    late.unref()
    looking = this.#upstream.send(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        headers: kind.headers(callee.key?.secret ?? null),
        body: null,
        trusted: provider.shared,
      },
      {
        // whatever it says to us, it is there to say it
        head: (status) => over(status < 500),
        data: () => {},
        end: () => {},
        failed: () => over(false),
      },
    )
  }
}
