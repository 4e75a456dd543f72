import { readUsage } from '#schemas/gateway/wires/chat/reply.ts'
import { bodyOf } from '#schemas/gateway/wires/members.ts'

/** Tokens of a request by kind. What was read from a provider's cache, and what was written to it, is part of the input. */
export type Tokens = { input: number; cached: number; cacheWrite: number; output: number; reasoning: number }

/** The tokens that a `usage` of OpenAI's wire tells; null where there is none that can be understood. */
export const tokensOf = (usage: unknown): Tokens | null => {
  if (usage === undefined || usage === null) return null
  try {
    const { input, cacheRead = 0, cacheWrite = 0, output, reasoning = 0 } = readUsage(bodyOf(usage))
    return { input: input + cacheRead + cacheWrite, cached: cacheRead, cacheWrite, output, reasoning }
  } catch {
    return null
  }
}
