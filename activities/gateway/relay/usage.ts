/** Tokens of a request by kind. What was read from a provider's cache, and what was written to it, is part of the input. */
export type Tokens = { input: number; cached: number; cacheWrite: number; output: number; reasoning: number }

type Counts = { readonly [name: string]: unknown }
const part = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? (of as Counts)[name] : undefined
const count = (value: unknown): number => (typeof value === 'number' && value >= 0 ? Math.trunc(value) : 0)

/** The `usage` of OpenAI's wire: of chat completions and embeddings ("The usage object"). */
export const readUsage = (usage: unknown): Tokens | null =>
  typeof usage === 'object' && usage !== null
    ? {
        input: count(part(usage, 'prompt_tokens')),
        cached: count(part(part(usage, 'prompt_tokens_details'), 'cached_tokens')),
        cacheWrite: 0,
        output: count(part(usage, 'completion_tokens')),
        reasoning: count(part(part(usage, 'completion_tokens_details'), 'reasoning_tokens')),
      }
    : null
