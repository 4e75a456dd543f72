import { hash } from 'node:crypto'
import { sql } from 'kysely'
import { eventRow } from '#activities/audit/store.ts'
import { findPublished, findVersion, isArchived, type PublishedVersion } from '#activities/automation/store-versions.ts'
import { storable, type Db, type Tx } from '#activities/database.ts'
import { titleOf, type Definition } from '#schemas/automation/definition.ts'
import { howSettled, isBegun } from '#schemas/automation/engine/seeds.ts'
import { gateOf } from '#schemas/automation/gate.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import type { RunOptions } from '#schemas/automation/run.ts'
import { Fault } from '#schemas/errors.ts'
import { newId } from '#schemas/ids.ts'
import { runRequested } from '#schemas/runs-events.ts'
import type { Run, RunRole, TakenOver } from '#schemas/runs.ts'
import type { Context } from '#schemas/tenancy.ts'
import { traceparent } from '#temporal/tracing.ts'
import { undoneBy } from './store-steps.ts'
import { findRun, refuseUnless, toRun, type RunRow } from './store.ts'

/** How long the dispatcher leaves a new request to the process that took it and is telling Temporal itself. */
export const headStartMs = 5_000

export type RunRequest = {
  run: string
  /** The version that is to run, of the automation with that handle. */
  automation: Omit<PublishedVersion, 'name' | 'definition'> & { definition?: Definition }
  title: string
  input: Record<string, unknown>
  receipt?: string
  rerunOf?: string
  /** The run whose failure it follows. */
  follows?: string
  /** The batch that asked for it. */
  batch?: string
  /** The run that this work first began with; itself unless given. */
  origin?: string
  options?: RunOptions
  /** The trace that the run goes on with; without it the one at hand. */
  traceparent?: string | null
}

/**
 * Writes requests, their queued runs and events in one statement, and gives the runs; Temporal is told afterwards, by
 * the dispatcher, or by the caller when it asks for a head start (`dispatcherWaitsMs`).
 */
export async function requestRuns(
  tx: Db,
  ctx: Context,
  requests: readonly RunRequest[],
  dispatcherWaitsMs = 0,
): Promise<Run[]> {
  if (requests.length === 0) return []
  const fields = requests.map(storable).map((r) => {
    const fact = runRequested(r.run, {
      workflow: r.automation.handle,
      receipt: r.receipt ?? null,
      rerunOf: r.rerunOf ?? null,
    })
    const caused = {
      ...fact,
      correlation: r.receipt ?? r.run,
      ...(r.receipt === undefined ? {} : { causation: r.receipt }),
    }
    const { definition } = r.automation
    const gate = hasGate(r.options) && definition !== undefined ? gateOf(definition, r.input as JsonObject) : null
    return {
      ...eventRow(ctx, caused, 1),
      ...r,
      gate: gate === null ? null : `${r.automation.id} ${nameOf(gate.key)}`,
      policy: gate?.policy ?? null,
      most: gate?.limit ?? 1,
      waits: gate === null ? null : gate.key.slice(0, longestKey) || r.automation.handle,
      kept: definition?.settings?.retention ?? null,
      workflow: r.automation.handle,
      automation: r.automation.id,
      version: r.automation.version,
      number: r.automation.number,
      origin: r.origin ?? r.run,
      options: r.options ?? {},
      parent: r.options?.parent ?? null,
      role: roleOf(r.options),
      test: r.options?.test === true,
      data: fact.data,
      event: newId('event'),
      traceparent: r.traceparent ?? traceparent(),
    }
  })
  const { rows } = await sql<RunRow>`
    with asked as (
      select * from jsonb_to_recordset(${JSON.stringify(fields)}::jsonb) t(
        run text, tenant_id text, workflow text, input jsonb, receipt text, "rerunOf" text, title text, traceparent text,
        automation text, version text, number int, origin text, options jsonb, parent text, role text, test boolean,
        gate text, policy text, most int, waits text, kept int, follows text, batch text,
        event text, stream_type text, type text, schema_version int, actor_kind text, actor_id text, actor_name text,
        correlation text, causation text, data jsonb)
    ), requested as (
      insert into run_request (run_id, tenant_id, workflow, input, receipt_id, rerun_of, requested_by, traceparent,
                               automation_id, version, origin, options, gate, gate_policy, gate_limit, next_at)
      select run, tenant_id, workflow, input, receipt, "rerunOf", actor_id, traceparent, automation, version, origin, options,
        gate, policy, most,
        case when gate is null then now() + ${dispatcherWaitsMs} * interval '1 millisecond' else 'infinity' end
      from asked
    ), told as (
      insert into event (id, tenant_id, stream_type, stream, version, type, schema_version, actor_kind, actor_id,
                         actor_name, correlation, causation, data)
      select event, tenant_id, stream_type, run, 1, type, schema_version, actor_kind, actor_id, actor_name, correlation,
        causation, data
      from asked
    )
    insert into run (id, tenant_id, workflow, title, phase, receipt_id, rerun_of, automation_id, version, version_number,
                     parent_run, role, test, waits_for, retention_days, follows, batch_id)
    select run, tenant_id, workflow, title, 'queued', receipt, "rerunOf", automation, version, number, parent, role, test,
      waits, kept, follows, batch
    from asked
    returning *`.execute(tx)
  return rows.map(toRun)
}

/** Keys that are longer are told apart by their hash. */
const longestKey = 200
const nameOf = (key: string): string =>
  key.length <= longestKey ? key : `${key.slice(0, longestKey)} ${hash('sha256', key)}`

/**
 * What stands in another run goes with it: a gate between the two could have each wait for the other. A test neither
 * makes room for what is real, nor has it make room.
 */
const hasGate = ({ parent, test }: RunOptions = {}): boolean => parent == null && test !== true

const roleOf = (options: RunOptions = {}): RunRole =>
  options.page !== undefined ? 'page' : options.parent == null ? 'run' : 'subflow'

/** What is published now of the automation that a run is of. */
async function publishedFor(tx: Tx, ctx: Context, run: string): Promise<PublishedVersion> {
  const { automation_id: automation } = await findRun(tx, ctx, run)
  const found = automation === null ? null : await findPublished(tx, ctx, automation)
  if (found !== null) return found
  const archived = automation !== null && (await isArchived(tx, ctx, automation))
  throw new Fault(archived ? 'automation_archived' : 'not_published')
}

/** The version that a run is to be run again in: the one that ran, the published one, or another by its content hash. */
export async function versionFor(tx: Tx, ctx: Context, run: string, version: string): Promise<PublishedVersion> {
  if (version === 'published') return publishedFor(tx, ctx, run)
  const { automation_id: automation, version: same } = await findRun(tx, ctx, run)
  const wanted = version === 'same' ? same : version
  const found = automation === null || wanted === null ? null : await findVersion(tx, ctx, automation, wanted)
  // what was only tested is no version that can be asked for, and can be run again all the same
  if (found !== null && (found.number > 0 || wanted === same)) return found
  throw new Fault('not_found', 'There is no such version.')
}

/** How a new run differs from the one it repeats. */
export type RerunHow = {
  automation?: PublishedVersion
  input?: JsonObject
  seed?: NonNullable<RunOptions['seed']>
  batch?: string
}

/** A new run with the input of a closed one; outside systems see the same work by the first run's id. */
export async function requestRerun(
  tx: Tx,
  ctx: Context,
  run: string,
  how: RerunHow = {},
  dispatcherWaitsMs = headStartMs,
): Promise<{ run: Run; start: StartRequest }> {
  const old = await findRun(tx, ctx, run)
  refuseUnless(old.state, 'rerun')
  if (old.role === 'page')
    throw new Fault('not_possible', 'These are turns of a loop of another run: run that one again.')
  const request = await findRequest(tx, run)
  const { automation_id: id, version } = old
  const automation = how.automation ?? (id && version ? await findVersion(tx, ctx, id, version) : null)
  if (automation === null)
    throw new Fault('not_possible', 'This run was made by code that is gone; start its automation instead.')
  if (await isArchived(tx, ctx, automation.id))
    throw new Fault('automation_archived', 'The automation of this run is archived; restore it to run this again.')
  const again = newId('run')
  const undone = await undoneBy(tx, run)
  const before = request.options.redone
  const redone =
    undone.length === 0 ? before : { ...before, ...Object.fromEntries(undone.map((node) => [node, again])) }
  const fresh: RunRequest = {
    run: again,
    automation,
    title: old.title,
    input: how.input ?? request.input,
    origin: request.origin ?? run,
    rerunOf: run,
    options: {
      // a test is the same part of the drawing again, on the same terms
      ...(old.test ? { ...request.options, parent: null, depth: 0 } : { test: false }),
      ...(request.options.path === undefined ? {} : { path: request.options.path }),
      ...(redone === undefined ? {} : { redone }),
      ...(how.seed === undefined ? {} : { seed: over(old.test ? request.options.seed : undefined, how.seed) }),
    },
    ...(old.receipt_id === null ? {} : { receipt: old.receipt_id }),
    ...(how.batch === undefined ? {} : { batch: how.batch }),
  }
  const [queued] = (await requestRuns(tx, ctx, [fresh], dispatcherWaitsMs)) as [Run]
  // a receipt whose run came to nothing follows the run that is to put it right
  if (old.state !== 'completed')
    await tx.updateTable('receipt').set({ run_id: fresh.run }).where('run_id', '=', run).execute()
  return { run: queued, start: startOf(ctx, fresh, queued) }
}

/** What a run takes over, besides what a test had to begin with. */
const over = (before: RunOptions['seed'], taken: NonNullable<RunOptions['seed']>): NonNullable<RunOptions['seed']> => ({
  ...taken,
  nodes: { ...before?.nodes, ...taken.nodes },
})

/** The nodes that a run took over from the one that it repeats, in the order in which they are drawn. */
export async function listTakenOver(tx: Tx, ctx: Context, run: RunRow): Promise<TakenOver[]> {
  if (run.rerun_of === null || run.automation_id === null || run.version === null) return []
  const { seed } = (await findRequest(tx, run.id)).options
  const found = seed === undefined ? null : await findVersion(tx, ctx, run.automation_id, run.version)
  const taken = new Map(
    Object.entries(seed?.nodes ?? {}).flatMap(([id, one]) =>
      one === 'skipped' || isBegun(one) ? [] : [[id, one.output]],
    ),
  )
  return (found?.definition.nodes ?? [])
    .filter((node) => {
      const output = taken.get(node.id)
      return output !== undefined && node.kind !== 'start' && howSettled(node, output, true) === 'seeded'
    })
    .map((node) => ({ node: node.id, title: titleOf(node) }))
}

/** What Temporal is to be told of a run. */
export type StartRequest = {
  run_id: string
  tenant_id: string
  workflow: string
  input: Record<string, unknown>
  automation_id: string | null
  version: string | null
  origin: string | null
  options: RunOptions
  requested_at: Date
  traceparent: string | null
}

export const findRequest = (tx: Tx, run: string): Promise<StartRequest> =>
  tx
    .selectFrom('run_request')
    .select(['run_id', 'tenant_id', 'workflow', 'input', 'automation_id', 'version', 'origin', 'options'])
    .select(['requested_at', 'traceparent'])
    .where('run_id', '=', run)
    .executeTakeFirstOrThrow()

/** What `requestRuns` has written of a request, without asking for it again. */
export const startOf = (ctx: Context, made: RunRequest, queued: Run): StartRequest => ({
  run_id: made.run,
  tenant_id: ctx.tenant,
  workflow: made.automation.handle,
  input: made.input,
  automation_id: made.automation.id,
  version: made.automation.version,
  origin: made.origin ?? made.run,
  options: made.options ?? {},
  requested_at: new Date(queued.requestedAt),
  traceparent: made.traceparent ?? traceparent(),
})
