import { eventName, type HistoryEvent } from '#temporal/history.ts'
import { temporal } from '#temporal/proto.ts'
import type { PayloadReader } from '#temporal/payloads.ts'

const { HistoryEvent: HistoryEventType } = temporal.api.history.v1

/** Events of a history as JSON people can read: names for numbers, every payload decrypted in its place. */
export const readableHistory = (
  payloads: PayloadReader,
  events: readonly HistoryEvent[],
): Promise<Record<string, unknown>[]> =>
  Promise.all(
    events.map(async (event) => {
      const plain = HistoryEventType.toObject(HistoryEventType.fromObject(event), { longs: Number, enums: String })
      return { ...((await open(payloads, plain)) as Record<string, unknown>), eventType: eventName(event) }
    }),
  )

/** Replaces each payload, wherever it stands, by the value it holds. */
const open = async (payloads: PayloadReader, value: unknown): Promise<unknown> => {
  if (Array.isArray(value)) return Promise.all(value.map((one) => open(payloads, one)))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if ('metadata' in value && 'data' in value) return payloads.one(value as Parameters<PayloadReader['one']>[0])
  const fields = await Promise.all(
    Object.entries(value).map(async ([name, one]) => [name, await open(payloads, one)] as const),
  )
  return Object.fromEntries(fields)
}
