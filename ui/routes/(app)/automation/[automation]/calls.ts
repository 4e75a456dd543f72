import type { Automation, Version } from '#schemas/automation/index.ts'
import type { Definition } from '#schemas/automation/definition.ts'
import { isObject, type JsonObject } from '#schemas/automation/json.ts'
import type { Problem } from '#schemas/automation/problem.ts'
import type { Run, RunCanvas } from '#schemas/runs.ts'
import type { Automations } from '#ui/lib/automation/form/form.ts'
import type { Sent } from '#ui/lib/automation/save.ts'
import { call } from '#ui/lib/call.ts'
import { mayPass } from '#ui/lib/loaded.svelte.ts'
import type { Page } from '#ui/lib/paged.svelte.ts'
import { isProblem } from '#ui/lib/problem.ts'
import type { Trial } from './trial.ts'

export type Opened = { automation: Automation; definition: Definition; revision: number }

export const openAutomation = (automation: string, signal: AbortSignal): Promise<Opened> =>
  call('GET /v1/automations/:automation', { automation }, undefined, { signal })

export const createAutomation = (sent: { name?: string; definition?: Definition }): Promise<Automation> =>
  call(
    'POST /v1/automations',
    {},
    {
      ...(sent.name === undefined ? {} : { name: sent.name }),
      ...(sent.definition === undefined ? {} : { definition: sent.definition }),
    },
  )

/** Where the newest run of an automation that has begun got to; a test counts as one. */
export const latestWalk = async (handle: string): Promise<RunCanvas | undefined> => {
  const { items } = await call('GET /v1/runs', {}, { workflow: handle, limit: 10 })
  const run = items.find(({ startedAt }) => startedAt !== null)
  return run === undefined ? undefined : call('GET /v1/runs/:run/canvas', { run: run.id })
}

/** What the builder asks of the API about one automation. */
export const automationServer = (automation: string) => ({
  /** Sends a draft; that somebody else was quicker is an answer, not a fault. */
  save: async (definition: Definition, revision: number): Promise<Sent> => {
    try {
      const sent = { definition, revision }
      const saved = await call('PUT /v1/automations/:automation/draft', { automation }, sent)
      return { ok: true, revision: saved.revision }
    } catch (error) {
      if (!isProblem(error)) throw error
      const { revision: theirs, definition: document, by } = error.extra
      if (error.code === 'draft_conflict' && typeof theirs === 'number' && isObject(document)) {
        const name = isObject(by) && typeof by['name'] === 'string' ? by['name'] : undefined
        return { moved: { revision: theirs, definition: document as Definition, by: name } }
      }
      return mayPass(error) ? { offline: true } : { refused: error }
    }
  },
  publish: (revision: number, notes: string): Promise<Version> =>
    call('POST /v1/automations/:automation/publish', { automation }, { revision, ...(notes === '' ? {} : { notes }) }),
  versions: (cursor: string | undefined, signal: AbortSignal): Promise<Page<Version>> =>
    call('GET /v1/automations/:automation/versions', { automation }, cursor === undefined ? {} : { cursor }, {
      signal,
    }),
  version: async (version: string): Promise<Definition> => {
    return (await call('GET /v1/automations/:automation/versions/:version', { automation, version })).definition
  },
  rollBack: (version: string, draft: boolean): Promise<Version> =>
    call('POST /v1/automations/:automation/versions/:version/publish', { automation, version }, { draft }),
  open: (signal: AbortSignal) => openAutomation(automation, signal),
  /** Starts a run of the live version. */
  start: (input: JsonObject): Promise<Run> => call('POST /v1/automations/:automation/runs', { automation }, { input }),
  /** Starts a test run of a document, whole or in part. */
  test: (definition: Definition, input: JsonObject, { until, only, pins, items }: Trial): Promise<Run> =>
    call(
      'POST /v1/automations/:automation/test',
      { automation },
      {
        definition,
        input,
        ...(until === undefined ? {} : { until }),
        ...(only === undefined ? {} : { only }),
        ...(pins === undefined ? {} : { pins }),
        ...(items === undefined ? {} : { items }),
      },
    ),
  export: () => call('GET /v1/automations/:automation/export', { automation }),
  duplicate: () => call('POST /v1/automations/:automation/duplicate', { automation }, {}),
  archive: () => call('POST /v1/automations/:automation/archive', { automation }),
  restore: () => call('POST /v1/automations/:automation/restore', { automation }),
})

/** All pages of a list. */
const whole = async <T>(read: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> => {
  const all: T[] = []
  for (let next: string | null | undefined; next !== null;) {
    const page: Page<T> = await read(next === undefined ? {} : { cursor: next })
    all.push(...page.items)
    next = page.next
  }
  return all
}

/** What is asked of the API about other automations, for steps and fields that name one. */
export const otherAutomations: Automations = {
  list: () => whole((page) => call('GET /v1/automations', {}, { limit: 100, ...page })),
  versions: async (automation) =>
    (await call('GET /v1/automations/:automation/versions', { automation }, { limit: 100 })).items,
  called: async ({ automation, version }) => {
    try {
      const { published } = (await call('GET /v1/automations/:automation', { automation })).automation
      const which = version ?? published?.version
      if (which === undefined) return null
      const found = await automationServer(automation).version(which)
      return { title: found.name, ...(found.input === undefined ? {} : { input: found.input }) }
    } catch (error) {
      if (isProblem(error) && error.status === 404) return null
      throw error
    }
  },
}

export type AutomationServer = ReturnType<typeof automationServer>

/** What keeps a draft from being published, out of a refusal. */
export const problemsOf = (error: unknown): Problem[] => {
  const problems: unknown = isProblem(error) ? error.extra['problems'] : undefined
  return Array.isArray(problems) ? (problems as Problem[]) : []
}
