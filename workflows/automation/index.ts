import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
  setWorkflowOptions,
} from '@temporalio/workflow'
import { applyControl, refusalOf, type Control } from '#schemas/automation/control.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { Engine } from '#schemas/automation/engine/engine.ts'
import { Failure, Stopped } from '#schemas/automation/failure.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import {
  engineInput,
  type AutomationEnd,
  type AutomationRun,
  type DecisionInput,
  type DeliveredEvent,
  type Edited,
  type Holding,
  type PassedOn,
} from '#schemas/automation/run.ts'
import { messages, readStepKey } from '#temporal/names.ts'
import { TemporalHost } from './host.ts'

// messages
export const decide = defineUpdate<void, [DecisionInput]>(messages.decide)
export const control = defineUpdate<void, [Control]>(messages.control)
export const deliver = defineSignal<[DeliveredEvent]>(messages.deliver)
export const hold = defineSignal<[Holding]>(messages.hold)
export const edit = defineSignal<[Edited]>(messages.edit)
export const passedOn = defineSignal<[PassedOn]>(messages.passedOn)

// outside
const { loadDefinition } = proxyLocalActivities<{
  loadDefinition(of: { tenant: string; automation: string; version: string }): Promise<Definition>
}>({ startToCloseTimeout: '10s' })

// a run may wait for a person over an upgrade, so it moves on with the code; the replay tests keep that safe
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, automation)
/** One run of a drawn automation: walks its graph, step by step, to an outcome. */
export async function automation(input: AutomationRun): Promise<AutomationEnd> {
  const host = new TemporalHost(input)
  let engine: Engine | undefined
  const early: ((engine: Engine) => void)[] = []
  /** A message may come before the definition is here, or into a history that has just begun. */
  const tell = (what: (engine: Engine) => void) => {
    if (engine === undefined) early.push(what)
    else what(engine)
  }

  // handlers
  const decided = new Map<string, DecisionInput>()
  const refuseDecision = (made: DecisionInput): void => {
    const before = decided.get(made.step) ?? madeBefore(engine, made.step)
    if (before !== undefined)
      throw ApplicationFailure.nonRetryable('This approval was already decided.', 'already_decided', {
        by: before.by,
        decision: before.decision,
      })
    if (engine !== undefined && !engine.isLive(made.step))
      throw ApplicationFailure.nonRetryable('Nothing is open for approval here.', 'conflict')
  }
  setHandler(
    decide,
    async (made) => {
      refuseDecision(made)
      decided.set(made.step, made)
      try {
        await recordDecision(host, made)
      } catch (error) {
        decided.delete(made.step)
        throw asRefusal(error)
      }
      tell((it) => it.deliver({ node: made.step, type: 'decision', data: { ...made } }))
    },
    { validator: refuseDecision },
  )
  setHandler(
    control,
    (asked) =>
      tell((it) => {
        applyControl(it, asked)
        if (asked.do === 'set') host.tellPages(it.variables, asked.by)
        if (asked.do === 'pause' || asked.do === 'resume') host.passOn({ on: it.paused, by: asked.by })
      }),
    { validator: (asked) => refuseControl(engine, asked) },
  )
  setHandler(hold, ({ on, by }) =>
    tell((it) => {
      it.pause.with(on)
      host.passOn({ on: it.paused, by })
    }),
  )
  setHandler(edit, ({ edits, by }) =>
    tell((it) => {
      it.variables.hear(edits)
      host.tellPages(it.variables, by)
    }),
  )
  setHandler(passedOn, (what) => tellDelegate(host, what))
  setHandler(deliver, ({ step, id, data }) =>
    tell((it) => it.deliverOnce({ node: step, type: 'event', data: { id, data } })),
  )

  // story
  const { tenant, run, automation: of, version } = input
  const definition = input.definition ?? (await loadDefinition({ tenant, automation: of, version }))
  engine = new Engine(kinds, engineInput({ ...input, definition }), host)
  const mine = engine
  CancellationScope.current().cancelRequested.catch(() => mine.stop())
  const ending = mine.run()
  for (const what of early.splice(0)) what(mine)
  const end = await ending
  if (end.end === 'carried_on') {
    await condition(allHandlersFinished)
    return continueAsNew<typeof automation>({ ...input, state: end.state })
  }
  await condition(allHandlersFinished)
  if (end.end === 'stopped') throw new CancelledFailure('The run was cancelled.')
  if (end.end === 'failed') {
    const { code, message, node, said } = end.failing
    throw ApplicationFailure.create({
      message,
      type: code,
      nonRetryable: true,
      details: [{ node: node ?? null, undone: end.undone }],
      ...(said === undefined ? {} : { cause: new Error(said) }),
    })
  }
  const { outcome, output, vars, heard, undo } = end
  const page = { vars, ...(heard === undefined ? {} : { heard }), undo }
  return { run, outcome, output, ...(input.page === undefined ? {} : page) }
}

const recordDecision = (host: TemporalHost, made: DecisionInput) =>
  host.act(
    { ...readStepKey(made.step), title: 'Record the decision' },
    'recordDecision',
    { ...made },
    { queue: 'main', part: 'decision', title: 'Record the decision', tryMs: 15_000 },
    host.token(null),
  )

/** Nobody waits for the letter, so what keeps it from being sent is no failure of the run. */
const tellDelegate = async (host: TemporalHost, { step, times }: PassedOn): Promise<void> => {
  const title = 'Write to whom it was passed on to'
  const options = { queue: 'main', part: `passed-on-${times}`, title, tryMs: 15_000 } as const
  await host.act({ ...readStepKey(step), title }, 'tellDelegate', { times }, options, host.token(null)).catch(() => {})
}

/** An update is refused by a failure of Temporal's own; any other error would hold up the whole run. */
const asRefusal = (error: unknown): unknown => {
  if (error instanceof Failure) return ApplicationFailure.nonRetryable(error.message, error.failing.code)
  return error instanceof Stopped ? ApplicationFailure.nonRetryable('The run has ended meanwhile.', 'conflict') : error
}

const madeBefore = (engine: Engine | undefined, step: string): DecisionInput | undefined =>
  engine?.messages.find((one) => one.node === step && one.type === 'decision')?.data as DecisionInput | undefined

const refuseControl = (engine: Engine | undefined, asked: Control): void => {
  const why = engine === undefined ? undefined : refusalOf(engine, asked)
  if (why !== undefined) throw ApplicationFailure.nonRetryable(why, 'conflict')
}
