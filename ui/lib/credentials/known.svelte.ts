import type { Credential } from '#schemas/credentials.ts'
import { call } from '#ui/lib/call.ts'
import { mayI } from '#ui/lib/may.ts'

/** The credentials that fields may name, shared by all who offer or check them. */
class KnownCredentials {
  #items = $state.raw<readonly Credential[]>()

  /** Nothing while they are not known, or not to be seen. */
  get items(): readonly Credential[] | undefined {
    return this.#items
  }

  /** Asks for them anew; where that fails, what was known stays. */
  load = async (): Promise<void> => {
    if (!mayI('credentials:read')) return
    const all: Credential[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: { items: Credential[]; next: string | null } = await call(
        'GET /v1/credentials',
        {},
        {
          limit: 200,
          ...(cursor === undefined ? {} : { cursor }),
        },
      )
      all.push(...page.items)
      cursor = page.next
    }
    this.#items = all
  }
}

export const knownCredentials = new KnownCredentials()
