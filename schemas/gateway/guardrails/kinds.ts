import { injection } from './injection.ts'
import type { Check, GuardKind, GuardKindName } from './kind.ts'
import { maxTokens } from './max-tokens.ts'
import { pii } from './pii.ts'
import { schema } from './schema.ts'
import { tools } from './tools.ts'
import { words } from './words.ts'

/** Every kind of guardrail that there is. */
export const guardKinds = { pii, words, injection, tools, max_tokens: maxTokens, schema } as const

const kindOf = (kind: GuardKindName): GuardKind => guardKinds[kind]

export const optionsOf = (kind: GuardKindName) => kindOf(kind).options

/** What a guardrail of these options does; they were checked when they were saved. */
export const compileGuard = (kind: GuardKindName, options: unknown): Check =>
  kindOf(kind).compile(kindOf(kind).options.parse(options))
