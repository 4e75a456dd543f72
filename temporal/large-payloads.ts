import { createHash } from 'node:crypto'
import { ExternalStorage, StorageDriverClaim, type Payload, type StorageDriver } from '@temporalio/common'
import { temporal } from './proto.ts'

const { Payload: Wire } = temporal.api.common.v1

/** Where payloads lie that are too large for a history: by run and by the SHA-256 of their bytes, in hex. */
export type PayloadStore = {
  keep(run: string, payloads: readonly { hash: string; body: Uint8Array }[]): Promise<void>
  /** The bytes of each, in the same order; null where there is none. */
  find(wanted: readonly { run: string; hash: string }[]): Promise<(Uint8Array | null)[]>
}

/** The largest payload that stands in a history, in bytes. */
export const largestInline = 32 * 1024

const name = 'database'

/** The SDK's hand to a store: what is larger than `largestInline` lies there, encrypted as it would travel. */
export const storageOf = (store: PayloadStore): ExternalStorage =>
  new ExternalStorage({ drivers: [driverOf(store)], payloadSizeThreshold: largestInline })

const driverOf = (store: PayloadStore): StorageDriver => ({
  name,
  type: 'auterity.postgres',
  async store({ target }, payloads) {
    const run = target?.kind === 'workflow' ? target.id : undefined
    if (run === undefined) throw new Error('A large payload belongs to no run.')
    const bodies = payloads.map((payload) => Wire.encode(payload).finish())
    const kept = bodies.map((body) => ({ hash: createHash('sha256').update(body).digest('hex'), body }))
    await store.keep(run, kept)
    return kept.map(({ hash }) => new StorageDriverClaim({ run, hash }))
  },
  retrieve: (_context, claims) => fetchLarge(store, claims),
})

async function fetchLarge(store: PayloadStore, claims: readonly StorageDriverClaim[]): Promise<Payload[]> {
  const wanted = claims.map(({ claimData }) => ({ run: claimData['run'] ?? '', hash: claimData['hash'] ?? '' }))
  const bodies = await store.find(wanted)
  return bodies.map((body, at) => {
    const { run, hash } = wanted[at] as (typeof wanted)[number]
    if (body === null) throw new Error(`The payload ${hash.slice(0, 12)} of ${run} is gone.`)
    if (createHash('sha256').update(body).digest('hex') !== hash)
      throw new Error(`The payload ${hash.slice(0, 12)} of ${run} is not what was kept.`)
    return Wire.decode(body)
  })
}

const text = new TextDecoder()

/** The payload that this one stands for; itself where it stands for none. The form of a reference is Temporal's. */
export async function resolveLarge(store: PayloadStore | undefined, payload: Payload): Promise<Payload> {
  const { messageType } = payload.metadata ?? {}
  if (messageType == null || text.decode(messageType) !== 'temporal.api.sdk.v1.ExternalStorageReference') return payload
  if (store === undefined) throw new Error('It lies outside of the history, where this process cannot look.')
  const { claimData } = JSON.parse(text.decode(payload.data ?? new Uint8Array())) as {
    claimData: Record<string, string>
  }
  const [whole] = await fetchLarge(store, [new StorageDriverClaim(claimData)])
  return whole as Payload
}
