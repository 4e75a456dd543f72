import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeActivities } from '#activities/automation/code.ts'
import { httpCalls } from '#activities/automation/http.ts'
import type { RunCode } from '#activities/automation/code-pool.ts'
import type { Outgoing } from '#activities/outgoing.ts'
import type { Definition, Json, JsonObject } from '#schemas/automation/definition.ts'
import { readDefinition } from '#schemas/automation/document.ts'
import { Engine } from '#schemas/automation/engine/engine.ts'
import type { EngineInput } from '#schemas/automation/engine/input.ts'
import type { EngineEnd } from '#schemas/automation/engine/state.ts'
import { keyOf, type ChildStart, type NodeChange, type StepRef } from '#schemas/automation/engine/host.ts'
import { VirtualHost, type VirtualAct } from '#schemas/automation/engine/virtual.ts'
import { Failure } from '#schemas/automation/failure.ts'
import { inputIssues } from '#schemas/automation/input.ts'
import { kinds } from '#schemas/automation/kinds/index.ts'
import { planTrial, unknownIn, type TrialPart } from '#schemas/automation/trial.ts'
import { Fault, isFault } from '#schemas/errors.ts'
import { Problem } from './problem.ts'

export type LocalDeps = { runCode: RunCode; outgoing: Outgoing }
export type LocalRun = TrialPart & { file: string; input: JsonObject; changed?: (change: NodeChange) => void }

/** A definition from a file; `Problem` where it cannot be read, or is none. */
export function readFile(file: string): Definition {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(`${file} cannot be read:`, `${(error as Error).message}.`, error)
  }
  const found = readDefinition(document)
  if ('definition' in found) return found.definition
  const lines = found.problems.map(({ path, message }) => `  ${path ?? ''} ${message}`)
  throw new Problem(`${file} is no automation:`, `\n${lines.join('\n')}`)
}

/**
 * Runs a definition here, without a platform, on a clock on which waiting takes no time. Code and HTTP calls are real;
 * what needs a platform has to be pinned. Subflows are files beside this one, by their handle.
 */
export async function runLocally(deps: LocalDeps, { file, input, changed, ...part }: LocalRun): Promise<EngineEnd> {
  const definition = readFile(file)
  const issues = inputIssues(definition.input, input)
  if (issues.length > 0)
    throw new Problem(
      `The input is not what ${file} takes:`,
      `\n${issues.map(({ path, message }) => `  ${path} ${message}`).join('\n')}`,
    )
  const unknown = unknownIn(definition, part)
  if (unknown !== undefined) throw new Problem(`${file} is not run:`, unknown)
  const { runs: _, ...trial } = planTrial(definition, part)
  const host = new VirtualHost(actReally(deps), childIn(file, deps), Number.POSITIVE_INFINITY, Date.now())
  if (changed !== undefined) host.changed = changed
  return host.until(new Engine(kinds, { ...startOf(definition, input), ...trial }, host).run())

  function childIn(of: string, own: LocalDeps) {
    return async (step: StepRef, start: ChildStart): Promise<Json> => {
      const inner = new VirtualHost(actReally(own), childIn(of, own), Number.POSITIVE_INFINITY, host.now())
      const child: EngineInput =
        'page' in start
          ? { ...startOf(definition, input), pins: trial.pins, page: start.page }
          : startOf(readFile(join(dirname(of), `${start.automation}.json`)), start.input)
      const end = await inner.until(new Engine(kinds, child, inner).run())
      if (end.end === 'completed') return { ...end, run: 'local' }
      throw new Failure('child_failed', end.end === 'failed' ? end.failing.message : `“${step.title}” was stopped.`)
    }
  }
}

const startOf = (definition: Definition, input: JsonObject): EngineInput => ({
  definition,
  input,
  run: { id: 'local', automation: definition.name, name: definition.name, version: 0, startedAt: now(), test: true },
  test: true,
})

const noVault = async (): Promise<never> => {
  throw new Fault('invalid', 'Credentials are kept by a platform; pin the output of this step to run it here.')
}

const now = () => new Date().toISOString()

const actReally = (deps: LocalDeps): VirtualAct => {
  const activities = { ...codeActivities(deps), ...httpCalls({ ...deps, open: noVault }) } as unknown as Record<
    string,
    (call: JsonObject) => Promise<Json>
  >
  return async (step, activity, input) => {
    const act = activities[activity]
    if (act === undefined)
      return {
        ms: 0,
        fail: new Failure(
          'needs_platform',
          `“${step.title}” needs a platform; pin its output (${step.node}) to run it here.`,
        ),
      }
    const began = performance.now()
    try {
      const scope = { tenant: 'local', run: 'local', origin: 'local', step: keyOf(step), test: true }
      const give = await act({ ...input, ...scope })
      return { ms: performance.now() - began, give }
    } catch (error) {
      if (!isFault(error)) throw error
      return { ms: performance.now() - began, fail: new Failure(error.code, error.message) }
    }
  }
}
