import type { z } from 'zod'
import type { Finder } from './finder.ts'

export const guardKindNames = ['pii', 'words', 'injection', 'tools', 'max_tokens', 'schema'] as const
export type GuardKindName = (typeof guardKindNames)[number]

/** Which way it looks: at what is asked, at what is answered. */
export const sides = ['input', 'output'] as const
export type Side = (typeof sides)[number]

/** What was made of a text: how sure it is, from 0 to 1, and by which signs. */
export type Judged = { score: number; why: string[] }

/** What a guardrail does, made ready once. */
export type Check =
  /** Finds things in texts; `instead` is said in place of each, or a name of its own for each where it is null. */
  | { does: 'finds'; finder: Finder; instead: string | null }
  | { does: 'judges'; threshold: number; judge(text: string): Judged }
  /** Why an answer does not fit; null where it does. */
  | { does: 'fits'; wrong(text: string): string[] | null }
  /** The most tokens. */
  | { does: 'limits'; input: number | null; output: number | null }
  | { does: 'offers'; allows(tool: string): boolean }

/** A kind of guardrail: what the form asks for, and what is made of it. */
export type GuardKind<Options extends z.ZodType = z.ZodType> = {
  title: string
  about: string
  /** The ways that it can look; where there is one, nobody is asked. */
  sides: readonly Side[]
  /** What becomes of a request where it is to mend. */
  mends: string
  options: Options
  compile(options: z.output<Options>): Check
}

export const guardKind = <Options extends z.ZodType>(kind: GuardKind<Options>): GuardKind<Options> => kind
