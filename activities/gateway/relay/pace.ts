import type { Target } from '#schemas/gateway/routes.ts'

/** How much the latest answer counts against all before it. */
const share = 0.2
/** The most targets whose pace is known. */
const most = 10_000

/** How soon targets began to answer of late: an exponentially weighted mean, in ms, of streams and of whole answers apart. */
export class Pace {
  readonly #known = new Map<string, number>()

  heard(tenant: string, target: Target, stream: boolean, ms: number): void {
    const name = nameOf(tenant, target, stream)
    const before = this.#known.get(name)
    if (before === undefined && this.#known.size >= most) this.#known.delete(this.#known.keys().next().value as string)
    this.#known.set(name, before === undefined ? ms : before + share * (ms - before))
  }

  /** In ms; undefined for one that has not answered yet. */
  of(tenant: string, target: Target, stream: boolean): number | undefined {
    return this.#known.get(nameOf(tenant, target, stream))
  }
}

const nameOf = (tenant: string, { provider, model }: Target, stream: boolean): string =>
  `${tenant} ${provider} ${model} ${stream ? 'stream' : 'whole'}`
