import { applyControl, type Control } from '#schemas/automation/control.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { Engine } from '#schemas/automation/engine/engine.ts'
import type { EngineEnd } from '#schemas/automation/engine/state.ts'
import type { Trace } from '#schemas/automation/engine/trace.ts'
import type { JsonObject } from '#schemas/automation/json.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import {
  engineInput,
  type AutomationRun,
  type DecisionInput,
  type DeliveredEvent,
  type Edited,
  type Holding,
} from '#schemas/automation/run.ts'
import { aboutItem } from '#schemas/automation/turn-about.ts'
import { numbered, type HistoryEvent } from './history.ts'
import { messages } from './names.ts'
import type { PayloadReader } from './payloads.ts'
import { RetracedHost } from './retrace-host.ts'

/** What a run did, node by node, pure ones included; `end` is absent while it goes on. */
export type Retraced = {
  trace: Trace
  /** The variables as they are now. */
  vars: JsonObject
  paused: boolean
  /** What turns of loops are about, by the loop and the iteration of what stands in them. */
  turns: ReadonlyMap<string, string>
  /** Who asked to pass over which step. */
  skips: ReadonlyMap<string, string>
  end: EngineEnd | null
  fault: string | null
}

/**
 * Walks a run again along its history: the same engine, given the answers that the history holds, in the order in which
 * the workflow got them. Pure nodes leave no events; this is how their results are known without any.
 */
export async function retrace(
  run: AutomationRun,
  definition: Definition,
  events: readonly HistoryEvent[],
  payloads: PayloadReader,
): Promise<Retraced> {
  const skips = new Map<string, string>()
  const host = new RetracedHost(Date.parse(run.startedAt))
  const engine = new Engine(kinds, engineInput({ ...run, definition }), host)
  host.vars = () => engine.vars
  let end: EngineEnd | null = null
  let fault: string | null = null
  let began = false
  const told = (what: () => void) => {
    what()
    return settle()
  }
  for (const task of tasksOf(events)) {
    host.setNow(task.at)
    if (!began) {
      began = true
      engine.run().then(
        (ended) => (end = ended),
        (error: unknown) => (fault = error instanceof Error ? error.message : String(error)),
      )
      await settle()
    }
    for (const { event } of task.messages) await told(await messageOf(event, engine, payloads, skips))
    for (const { event, offset } of task.answers) await told(await host.answerOf(event, offset, payloads))
    for (const { event } of task.decisions) await told(await messageOf(event, engine, payloads, skips))
  }
  return {
    trace: host.trace,
    turns: aboutTurns(host.trace),
    vars: engine.vars,
    paused: engine.paused,
    skips,
    end,
    fault,
  }
}

const aboutTurns = ({ items }: Trace): Map<string, string> =>
  new Map(
    [...items].flatMap(([key, item]) => {
      const about = aboutItem(item)
      return about === null ? [] : [[key, about]]
    }),
  )

/** Lets everything happen that follows from what was told. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

type Numbered = { event: HistoryEvent; id: number; offset: number }
/** One turn of the workflow: when it was, and what it was told in it. */
type Task = { at: number; messages: Numbered[]; answers: Numbered[]; decisions: Numbered[] }

const timeOf = ({ eventTime }: HistoryEvent): number =>
  Number(eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1e6)

/** The turns of a workflow: each gets what came since the one before, messages first, as the SDK hands it over. */
function* tasksOf(events: readonly HistoryEvent[]): Generator<Task> {
  let waiting: Numbered[] = []
  let task: Task | undefined
  let startedAt = 0
  for (const one of numbered(events)) {
    const { event } = one
    if (event.workflowTaskStartedEventAttributes != null) startedAt = timeOf(event)
    else if (event.workflowTaskCompletedEventAttributes != null) {
      if (task !== undefined) yield task
      const isSignal = ({ event: { workflowExecutionSignaledEventAttributes: signal } }: Numbered) => signal != null
      const isMessage = (it: Numbered) =>
        isSignal(it) || it.event.workflowExecutionCancelRequestedEventAttributes != null
      task = {
        at: startedAt,
        messages: waiting.filter(isMessage),
        answers: waiting.filter((it) => !isMessage(it)),
        decisions: [],
      }
      waiting = []
    } else if (event.workflowExecutionUpdateAcceptedEventAttributes != null) task?.messages.push(one)
    else if (event.workflowExecutionUpdateCompletedEventAttributes != null) task?.decisions.push(one)
    else waiting.push(one)
  }
  if (task !== undefined) yield task
}

const updates = new WeakMap<Engine, Map<string, { name: string; args: unknown }>>()

/** What a message does to the engine. A decision counts once it is written down, which its update's end tells. */
const messageOf = async (
  event: HistoryEvent,
  engine: Engine,
  payloads: PayloadReader,
  skips: Map<string, string>,
): Promise<() => void> => {
  const known = updates.get(engine) ?? new Map<string, { name: string; args: unknown }>()
  updates.set(engine, known)
  const signal = event.workflowExecutionSignaledEventAttributes
  if (signal?.signalName === messages.deliver) {
    const { step, id, data } = (await payloads.all(signal.input)) as DeliveredEvent
    return () => engine.deliverOnce({ node: step, type: 'event', data: { id, data } })
  }
  if (signal?.signalName === messages.hold) {
    const { on } = (await payloads.all(signal.input)) as Holding
    return () => engine.pause.with(on)
  }
  if (signal?.signalName === messages.edit) {
    const { edits } = (await payloads.all(signal.input)) as Edited
    return () => engine.variables.hear(edits)
  }
  if (event.workflowExecutionCancelRequestedEventAttributes != null) return () => engine.stop()
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes
  if (accepted != null) {
    const { name = '', args } = accepted.acceptedRequest?.input ?? {}
    const asked = await payloads.all(args)
    known.set(String(accepted.protocolInstanceId), { name: name ?? '', args: asked })
    if (name !== messages.control) return () => {}
    const control = asked as Control
    if (control.do === 'skip') skips.set(control.step, control.by.name)
    return () => applyControl(engine, control)
  }
  const completed = event.workflowExecutionUpdateCompletedEventAttributes
  const update = known.get(String(completed?.meta?.updateId))
  if (completed?.outcome?.failure == null && update?.name === messages.decide) {
    const made = update.args as DecisionInput
    return () => engine.deliver({ node: made.step, type: 'decision', data: { ...made } })
  }
  return () => {}
}
