import { createContext } from 'svelte'
import type { Call, Called } from '#schemas/automation/called.ts'
import type { Definition, JsonSchema } from '#schemas/automation/definition.ts'
import type { Fix, Problem } from '#schemas/automation/problem.ts'
import type { Preview } from '../preview.ts'

/** What the fields of a form ask of the form they stand in. */
export type FormContext = {
  readonly definition: Definition
  readonly readOnly: boolean
  /** The node whose form it is; none for the automation itself. */
  readonly node: string | undefined
  /** What expressions in a field see. */
  scope(field: string): JsonSchema
  problems(path: string, deep?: boolean): readonly Problem[]
  /** `typing`: one act with what is typed right after it in the same field. */
  set(path: string, value: unknown, typing?: boolean): void
  /** Says that a field tells of these problems. */
  tell?(field: symbol, problems: readonly Problem[]): void
  /** Does what mends a problem in one click. */
  mend?(fix: Fix): void
  pause(): void
  /** Opens the settings of the automation, where its variables are. */
  settings?: (() => void) | undefined
  /** Whether what is typed into a field cannot be read; the value before stands until it can. */
  unreadable?(path: string, is: boolean): void
  /** What a field with an expression came to in the run that is shown, else in the latest. */
  preview?(value: unknown, field: string): Preview | undefined
  /** Other automations, asked for when a field needs them. */
  readonly automations: Automations
}

export type Automations = {
  list(): Promise<readonly { id: string; handle: string; name: string }[]>
  /** The versions of one, newest first; none of one that is not there. */
  versions(automation: string): Promise<readonly { number: number; notes: string }[]>
  /** What a step that calls one sees of it; null where there is no such version. */
  called(call: Call): Promise<Called | null>
}

/** Where no automation can be named. */
export const noOthers: Automations = {
  list: () => Promise.resolve([]),
  versions: () => Promise.resolve([]),
  called: () => Promise.resolve(null),
}

export const [formContext, setFormContext] = createContext<FormContext>()

/** A field's name out of its JSON pointer: `/with/keep` → `keep`. */
export const fieldOf = (path: string): string => path.split('/')[2] ?? ''

export const titleFor = (name: string, schema: JsonSchema): string =>
  schema.title ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`
