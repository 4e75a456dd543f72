import { Client, Connection } from '@temporalio/client'
import { dataConverter } from './converter.ts'
import type { PayloadStore } from './large-payloads.ts'
import { tracingInterceptors } from './tracing.ts'

export type TemporalOptions = {
  address: string
  namespace: string
  keys: readonly [string, ...string[]]
  apiKey?: string | undefined
  payloads?: PayloadStore
}

/** In bytes. */
const largestReply = 128 * 1024 * 1024

/**
 * One client per process, kept open. The connection is lazy: a Temporal that is away fails the call that needs
 * it, not the start of the process, and the same connection recovers when it is back.
 */
export function connectTemporal({ address, namespace, keys, apiKey, payloads }: TemporalOptions): Client {
  const connection = Connection.lazy({
    address,
    // a portion of a history may be larger than the 4 MB that gRPC would take
    channelArgs: { 'grpc.max_receive_message_length': largestReply },
    ...(apiKey === undefined ? {} : { apiKey, tls: true }),
  })
  return new Client({
    connection,
    namespace,
    dataConverter: dataConverter(keys, payloads),
    interceptors: tracingInterceptors(),
  })
}
