import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { temporal as api } from '@temporalio/proto'
import { temporal } from './proto.ts'

export type HistoryEvent = NonNullable<api.api.history.v1.IHistory['events']>[number]
const { History } = temporal.api.history.v1

/** A portion of a history, and the token that waits for what comes after it; no token means the run has closed. */
export type Portion = { events: HistoryEvent[]; token: Uint8Array | null }

export type HistoryOptions = {
  token?: Uint8Array | null
  wait?: boolean
  temporalRun?: string | null
  signal?: AbortSignal
}

/**
 * Events of a run from `token` on (from the first without one). With `wait` and a token the call blocks until
 * something is new, the run closes, or about 20 s pass, then answering no events and a token to go on with. It rejects
 * at once when `signal` fires.
 * @throws WorkflowNotFoundError when Temporal does not know the run, or no longer
 */
export async function readHistory(
  client: Client,
  run: string,
  { token, wait = false, temporalRun, signal }: HistoryOptions = {},
): Promise<Portion> {
  const ask = {
    namespace: client.options.namespace,
    execution: { workflowId: run, ...(temporalRun == null ? {} : { runId: temporalRun }) },
    nextPageToken: token ?? null,
    waitNewEvent: wait,
  }
  const read = () => client.workflowService.getWorkflowExecutionHistory(ask)
  const reply = await client
    .withDeadline(Date.now() + 60_000, () => untilAborted(client, signal, read))
    .catch((error: unknown) => {
      throw isUnknownRun(error) ? new WorkflowNotFoundError(error.message, run, temporalRun ?? undefined) : error
    })
  const next = reply.nextPageToken
  return {
    events: written(reply.history?.events ?? []),
    token: next == null || next.length === 0 ? null : next,
  }
}

/**
 * Events without those at the end that are not written yet: Temporal shows a task that is tried again as if it were, under
 * the numbers that what comes next will have.
 */
export const written = (events: readonly HistoryEvent[]): HistoryEvent[] => {
  const last = events.findLastIndex(({ workflowTaskStartedEventAttributes: started }) => started == null)
  const attempt = events[last]?.workflowTaskScheduledEventAttributes?.attempt ?? 1
  return events.slice(0, attempt > 1 ? last : events.length)
}

/** The SDK leaves its listener on the signal that it is given, for good: each call gets one of its own. */
const untilAborted = async <T>(client: Client, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> => {
  signal?.throwIfAborted()
  const own = new AbortController()
  const abort = () => own.abort()
  signal?.addEventListener('abort', abort)
  try {
    return await client.withAbortSignal(own.signal, call)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** gRPC NOT_FOUND, which a namespace that is not there answers as well. */
const notFound = 5
const isUnknownRun = (error: unknown): error is Error => {
  if (!isGrpcServiceError(error)) return false
  const code: number = error.code
  return code === notFound && !/namespace/i.test(error.details)
}

/** The events of a run with the numbers they have in the whole of it: a run that goes on in a fresh history counts on. */
export function* numbered(
  events: Iterable<HistoryEvent>,
): Generator<{ event: HistoryEvent; id: number; offset: number }> {
  let offset = 0
  for (const event of events) {
    const id = offset + Number(event.eventId)
    yield { event, id, offset }
    if (event.workflowExecutionContinuedAsNewEventAttributes != null) offset = id
  }
}

/**
 * Follows a run from its first event through every history it goes on in. `events` are all so far, one history behind
 * the other; `next` brings more and says whether there can be any after them.
 */
export class HistoryTail {
  readonly events: HistoryEvent[] = []
  readonly #client: Client
  readonly #run: string
  #temporalRun: string | null
  #token: Uint8Array | null = null
  #last = 0

  /** `temporalRun` names the history to begin with; without it the first one is looked for. */
  constructor(client: Client, run: string, temporalRun: string | null = null) {
    this.#client = client
    this.#run = run
    this.#temporalRun = temporalRun
  }

  /** @throws WorkflowNotFoundError when Temporal does not know the run, or no longer */
  async next({ wait = false, signal }: Pick<HistoryOptions, 'wait' | 'signal'> = {}): Promise<boolean> {
    const portion = await readHistory(this.#client, this.#run, {
      token: this.#token,
      wait,
      temporalRun: this.#temporalRun,
      ...(signal === undefined ? {} : { signal }),
    })
    const [first] = portion.events
    const began = first?.workflowExecutionStartedEventAttributes
    if (this.#temporalRun === null && began != null) {
      this.#temporalRun = began.firstExecutionRunId ?? began.originalExecutionRunId ?? null
      // what came is the newest history of a run that began in another
      if (began.continuedExecutionRunId) return this.next({ wait, ...(signal === undefined ? {} : { signal }) })
    }
    for (const event of portion.events) {
      if (Number(event.eventId) <= this.#last) continue
      this.#last = Number(event.eventId)
      this.events.push(event)
    }
    this.#token = portion.token
    const goesOn = this.events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId
    if (portion.token !== null || !goesOn) return portion.token !== null
    this.#temporalRun = goesOn
    this.#last = 0
    return true
  }
}

/** The whole history as it stands now, through every history the run has gone on in. */
export async function readWholeHistory(
  client: Client,
  run: string,
  temporalRun?: string | null,
): Promise<HistoryEvent[]> {
  const tail = new HistoryTail(client, run, temporalRun ?? null)
  while (await tail.next()) {
    // the next portion
  }
  return tail.events
}

/** Packs a history for keeping; payloads stay encrypted. */
export const packHistory = (events: readonly HistoryEvent[]): Promise<Buffer> =>
  promisify(gzip)(History.encode(History.create({ events: [...events] })).finish())

export const unpackHistory = async (packed: Buffer): Promise<HistoryEvent[]> =>
  History.decode(await promisify(gunzip)(packed)).events

/** What an event is called: `ActivityTaskScheduled`. */
export const eventName = (event: HistoryEvent): string => {
  const name = temporal.api.enums.v1.EventType[event.eventType as number] ?? 'EVENT_TYPE_UNKNOWN'
  return name
    .replace('EVENT_TYPE_', '')
    .toLowerCase()
    .replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
