import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from '@temporalio/worker'
import { expect, test } from 'vitest'
import type { AutomationRun } from '#schemas/automation/run.ts'
import { semantics } from '#schemas/automation/definition.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { dataConverter } from '#temporal/converter.ts'
import { unpackHistory, type HistoryEvent } from '#temporal/history.ts'
import { PayloadReader } from '#temporal/payloads.ts'
import { retrace } from '#temporal/retrace.ts'
import { testKey } from './harness/database.ts'
import { cases, goldens, kindOf, type Golden } from './harness/golden.ts'
import { holes } from './harness/golden-holes.ts'

const folder = fileURLToPath(new URL('histories/', import.meta.url))
const rules = readdirSync(folder).map(Number)
const names = rules.flatMap((number) => readdirSync(`${folder}${number}`).map((file) => `${number}/${file}`))
const ofToday = names
  .filter((name) => name.startsWith(`${semantics}/`))
  .map((name) => name.slice(name.indexOf('/') + 1, -'.pb.gz'.length))

const bundle = async () => ({ code: await readFile(process.env['AUTERITY_WORKFLOW_BUNDLE'] ?? '', 'utf8') })
const eventsOf = async (name: string): Promise<HistoryEvent[]> => unpackHistory(await readFile(folder + name))
const started = ({ workflowExecutionStartedEventAttributes: begun }: HistoryEvent) => begun != null

/** One history for each time that the run went on in a fresh one. */
async function* histories(of: readonly string[]) {
  for (const name of of) {
    const events = await eventsOf(name)
    const begins = events.flatMap((event, at) => (started(event) ? [at] : []))
    for (const [n, at] of begins.entries())
      yield { workflowId: `${name} (${n + 1})`, history: { events: events.slice(at, begins[n + 1]) } }
  }
}
const replayed = async (workflowBundle: { code: string }, of: readonly string[]): Promise<Map<string, unknown>> => {
  const errors = new Map<string, unknown>()
  const options = { workflowBundle, dataConverter: dataConverter([testKey]) }
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories(of)))
    errors.set(workflowId, error)
  return errors
}

test('the corpus holds every kind of node in every way it goes, and every way a lead goes', () => {
  const leads = ['cancel', 'compensation', 'escalation', 'model-fallback', 'reject', 'retry', 'success']
  const wanted = [...goldens.map(({ name }) => name), ...leads.map((name) => `lead.${name}`)]
  expect(ofToday.toSorted()).toEqual(wanted.toSorted())
  expect(wanted.length).toBeGreaterThan(110)
})

test('each kind of node has a history of each way it goes, or it is said why it cannot go it', () => {
  const left = Object.keys(kinds).flatMap((kind) =>
    cases.flatMap((one) => {
      const there = goldens.some((golden) => kindOf(golden.name) === kind && golden.case === one)
      const why = holes[kind]?.[one]
      if (there === (why === undefined)) return []
      return [
        `${kind}, ${one}: ${there ? `is there, though “${why}”` : 'record it, or say in golden-holes.ts why not'}`,
      ]
    }),
  )
  expect(left).toEqual([])
  expect(Object.keys(holes).filter((kind) => !(kind in kinds))).toEqual([])
})

test('every history of the corpus replays on the workflow code of today', { timeout: 180_000 }, async () => {
  const errors = await replayed(await bundle(), names)
  const broken = [...errors].filter(([, error]) => error !== undefined)
  expect(broken.map(([name, error]) => `${name}: ${String(error)}`)).toEqual([])
  expect(errors.size).toBeGreaterThan(names.length)
})

const ends: Record<Golden['comesTo'], object> = {
  through: { end: 'completed', outcome: 'through' },
  caught: { end: 'completed', outcome: 'caught' },
  stopped: { end: 'stopped' },
}

test.each(goldens)('$name: what its history is told as is what it came to', async (golden) => {
  const payloads = new PayloadReader([testKey])
  const events = await eventsOf(`${semantics}/${golden.name}.pb.gz`)
  const run = (await payloads.all(events[0]?.workflowExecutionStartedEventAttributes?.input)) as AutomationRun
  const { end, fault } = await retrace(run, golden.definition, events, payloads)
  expect(fault).toBeNull()
  expect(end).toMatchObject(ends[golden.comesTo])
  expect(events.filter(started).length > 1).toBe(golden.case === 'carry-on')
})

test('a run that is walked again tells what the turns of its loops are about; those of a while loop are about nothing', async () => {
  const turnsOf = async (name: string) => {
    const golden = goldens.find((one) => one.name === name)!
    const payloads = new PayloadReader([testKey])
    const events = await eventsOf(`${semantics}/${name}.pb.gz`)
    const run = (await payloads.all(events[0]?.workflowExecutionStartedEventAttributes?.input)) as AutomationRun
    return Object.fromEntries((await retrace(run, golden.definition, events, payloads)).turns)
  }
  expect(await turnsOf('loop.success')).toEqual({ 'n#1': '1', 'n#2': '2', 'n#3': '3' })
  expect(await turnsOf('loop.while.success')).toEqual({})
  expect(await turnsOf('parallel.success')).toEqual({})
})

test('a changed order of steps is found out', async () => {
  const { code } = await bundle()
  const changed = code.replaceAll("'openApproval'", "'openApprovalElsewhere'")
  expect(changed).not.toBe(code)
  const errors = await replayed({ code: changed }, [`${semantics}/lead.success.pb.gz`])
  expect(String([...errors.values()][0])).toMatch(/openApproval|[Nn]ondeterminis/)
})
