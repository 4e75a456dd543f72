import type { DataConverter } from '@temporalio/common'
import { EncryptionCodec } from './codec.ts'

/** How all our processes read and write payloads. `keys` as for `EncryptionCodec`. */
export const dataConverter = (keys: readonly [string, ...string[]]): DataConverter => ({
  payloadCodecs: [new EncryptionCodec(keys)],
})
