import type { Asked } from './asked.ts'
import { estimatedInput, tokensOfCharacters } from './estimate.ts'
import { aboutUsed, isMedia } from './media.ts'
import { tokensOf, type Heard, type Tokens } from './usage.ts'

/** What a request took; `estimated` where it was not told. */
export type Spent = { tokens: Tokens | null; estimated: boolean }

const none: Tokens = { input: 0, cached: 0, cacheWrite: 0, output: 0, reasoning: 0 }

/** What was told, or about what was asked and what has come: a provider bills that too. */
export function spentOn(asked: Asked, { usage, settled, characters }: Heard): Spent {
  if (settled && usage !== null) return { tokens: tokensOf(usage), estimated: false }
  const told = usage === null ? nearly(asked) : tokensOf(usage)
  return { tokens: { ...told, output: Math.max(told.output, tokensOfCharacters(characters)) }, estimated: true }
}

const nearly = (asked: Asked): Tokens =>
  isMedia(asked.operation) ? tokensOf(aboutUsed(asked)) : { ...none, input: estimatedInput(asked) }
