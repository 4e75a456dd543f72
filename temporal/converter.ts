import type { DataConverter } from '@temporalio/common'
import { EncryptionCodec } from './codec.ts'
import { storageOf, type PayloadStore } from './large-payloads.ts'

/**
 * How all our processes read and write payloads. `keys` as for `EncryptionCodec`; with a store, what is too large for a
 * history lies there.
 */
export const dataConverter = (keys: readonly [string, ...string[]], store?: PayloadStore): DataConverter => ({
  payloadCodecs: [new EncryptionCodec(keys)],
  ...(store === undefined ? {} : { externalStorage: storageOf(store) }),
})
