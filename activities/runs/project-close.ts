import type { RunFailure } from '#schemas/runs.ts'
import type { FoldedClose } from '#temporal/fold.ts'
import type { PayloadReader } from '#temporal/payloads.ts'

/** How a run ended, as its row says it. */
export const toClose = async (payloads: PayloadReader, close: FoldedClose) => {
  const result = (await payloads.all(close.result)) as { outcome?: unknown } | null
  const failure = close.failure === null ? null : await toFailure(payloads, close.failure)
  const cancelled = close.phase === 'failed' && failure?.code === 'cancelled'
  return {
    phase: cancelled ? ('cancelled' as const) : close.phase,
    outcome: typeof result?.outcome === 'string' ? result.outcome : null,
    failure,
    closedAt: close.at,
  }
}

const toFailure = async (
  payloads: PayloadReader,
  failure: NonNullable<FoldedClose['failure']>,
): Promise<RunFailure> => {
  if ('code' in failure) return failure
  const told = (await payloads.all(failure.applicationFailureInfo?.details)) as { node?: unknown } | null
  return { ...payloads.failure(failure), node: typeof told?.node === 'string' ? told.node : null }
}
