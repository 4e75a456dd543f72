import type { Control } from '#schemas/automation/control.ts'
import type { DecisionInput, DeliveredEvent, Edited, Holding } from '#schemas/automation/run.ts'
import type { Fold, FoldedStep } from '#temporal/fold.ts'
import { messages, readStepKey } from '#temporal/names.ts'
import type { PayloadReader } from '#temporal/payloads.ts'
import type { ProjectedStep } from './store-steps.ts'

type StepName = Pick<ProjectedStep, 'node' | 'iteration' | 'title' | 'part' | 'summary'>
/** A step that a person asked to pass over, and when. */
export type AskedSkip = { key: string; by: string; at: Date }

/** What of a drawing a step is, and what people call it: by its node, and by what it does of it where that is more than one thing. */
export async function nameStep(payloads: PayloadReader, fold: Fold, step: FoldedStep): Promise<StepName> {
  const summary = await textIn(payloads, step.summary)
  const told = step.kind === 'update' || step.kind === 'signal' ? await nameMessage(payloads, fold, step) : undefined
  if (told !== undefined) return { ...told, summary }
  const { node, iteration } = step
  const group = await titleOf(payloads, fold, `${node}#${iteration}`)
  const [said = words(step.type)] = summary === null ? [] : summary.split(' · ')
  // what undoes a step is called by what it does
  if (group === null || step.activityId?.endsWith(':undo') === true)
    return { node, iteration, title: said, part: null, summary }
  const own = summary === null || summary === group || summary.startsWith(`${group} · `)
  return { node, iteration, title: group, part: own ? null : said, summary }
}

/** What a message says, and who sent it; one about a step is of that step. */
const nameMessage = async (
  payloads: PayloadReader,
  fold: Fold,
  { type, input, node, iteration }: FoldedStep,
): Promise<Omit<StepName, 'summary'> | undefined> => {
  const sent: unknown = await payloads.all(input)
  if (type === messages.control && isControl(sent)) {
    const about = sent.do === 'skip' ? ((await titleOf(payloads, fold, sent.step)) ?? sent.step) : null
    return { node, iteration, title: wordsOf(sent), part: about }
  }
  if (type === messages.hold) {
    const { on, by } = sent as Holding
    return { node, iteration, title: `${on ? 'Paused' : 'Resumed'} by ${by.name}`, part: 'With the run around it' }
  }
  if (type === messages.edit) {
    const { edits, by } = sent as Edited
    const [newest = ''] = Object.keys(edits).toSorted((a, b) => (edits[b]?.n ?? 0) - (edits[a]?.n ?? 0))
    return { node, iteration, title: changedBy(newest, by.name), part: 'In the run around it' }
  }
  if ((type !== messages.decide && type !== messages.deliver) || !isOfStep(sent)) return undefined
  const title = (await titleOf(payloads, fold, sent.step)) ?? words(type)
  const part =
    'decision' in sent
      ? `${sent.decision === 'approve' ? 'Approved' : 'Rejected'} by ${sent.by.name}`
      : 'What it listened for came'
  return { ...readStepKey(sent.step), title, part }
}

const changedBy = (variable: string, name: string): string => `“${variable}” changed by ${name}`
const acts: Record<Exclude<Control['do'], 'set'>, string> = {
  pause: 'Paused by',
  resume: 'Resumed by',
  step: 'One step let on by',
  skip: 'Skipped by',
}
const wordsOf = (asked: Control): string =>
  asked.do === 'set' ? changedBy(asked.variable, asked.by.name) : `${acts[asked.do]} ${asked.by.name}`

/** The steps that people asked a run to pass over, as far as it heeded. */
export async function skipsIn(payloads: PayloadReader, { steps }: Fold): Promise<AskedSkip[]> {
  const asked = [...steps.values()].filter(
    ({ kind, type, state }) => kind === 'update' && type === messages.control && state !== 'failed',
  )
  const read = await Promise.all(
    asked.map(async ({ input, scheduledAt: at }) => ({ sent: await payloads.all(input), at })),
  )
  return read.flatMap(({ sent, at }) =>
    isControl(sent) && sent.do === 'skip' ? [{ key: sent.step, by: sent.by.name, at }] : [],
  )
}

const isControl = (sent: unknown): sent is Control =>
  typeof sent === 'object' && sent !== null && 'do' in sent && 'by' in sent
const isOfStep = (sent: unknown): sent is DecisionInput | DeliveredEvent =>
  typeof sent === 'object' && sent !== null && 'step' in sent

const titleOf = (payloads: PayloadReader, { groups }: Fold, key: string): Promise<string | null> =>
  textIn(payloads, groups.get(key) ?? null)

const textIn = async (payloads: PayloadReader, payload: FoldedStep['summary']): Promise<string | null> => {
  const text = await payloads.one(payload)
  return typeof text === 'string' ? text : null
}

/** `matchCustomer` → `Match customer`. */
const words = (name: string): string => {
  const spaced = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}
