import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import type { temporal as api } from '@temporalio/proto'
import { temporal } from './proto.ts'
import { EncryptionCodec } from './codec.ts'
import { resolveLarge, type PayloadStore } from './large-payloads.ts'

type Payloads = api.api.common.v1.IPayloads | null | undefined
type Failure = api.api.failure.v1.IFailure

/** Reads payloads of histories outside a workflow: decrypts and parses what can be, and says so where it cannot. */
export class PayloadReader {
  readonly #codec: EncryptionCodec

  readonly #store: PayloadStore | undefined

  /** With a store, it also reads what lies outside of the histories. */
  constructor(keys: readonly [string, ...string[]], store?: PayloadStore) {
    this.#codec = new EncryptionCodec(keys)
    this.#store = store
  }

  async one(payload: Payload | null | undefined): Promise<unknown> {
    if (payload == null) return null
    try {
      const [open] = await this.#codec.decode([await resolveLarge(this.#store, payload)])
      return defaultPayloadConverter.fromPayload(open as Payload) ?? null
    } catch (error) {
      return { unreadable: error instanceof Error ? error.message : String(error) }
    }
  }

  /** All of them: one value as it is, several as a list, none as null. */
  async all(payloads: Payloads): Promise<unknown> {
    const values = await Promise.all((payloads?.payloads ?? []).map((payload) => this.one(payload)))
    return values.length > 1 ? values : (values[0] ?? null)
  }

  /**
   * A failure as people read it: Temporal's wrappers taken off, the code and message of what was thrown, the stack of
   * where it began, and the message of what caused it where that says more.
   */
  failure(failure: Failure): { code: string; message: string; stack: string | null; cause: string | null } {
    let thrown = failure
    while (thrown.cause != null && (thrown.activityFailureInfo ?? thrown.childWorkflowExecutionFailureInfo) != null)
      thrown = thrown.cause
    let origin = thrown
    while (origin.cause != null) origin = origin.cause
    const { applicationFailureInfo: application, timeoutFailureInfo: timeout } = thrown
    return {
      code: application?.type || (timeout == null ? 'failed' : 'timed_out'),
      message: timeout == null ? thrown.message || 'It failed without a message.' : lateness(timeout.timeoutType),
      stack: origin.stackTrace || thrown.stackTrace || null,
      cause: origin.message && (timeout != null || origin.message !== thrown.message) ? origin.message : null,
    }
  }
}

const { TimeoutType } = temporal.api.enums.v1

/** What took too long, as a person says it; Temporal's own words are the cause. */
const lateness = (type: api.api.enums.v1.TimeoutType | null | undefined): string => {
  if (type === TimeoutType.TIMEOUT_TYPE_HEARTBEAT) return 'Its worker was not heard of any more.'
  if (type === TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START) return 'No worker took it in time.'
  return 'It took longer than it may.'
}
