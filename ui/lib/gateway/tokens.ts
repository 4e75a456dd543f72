import type { ModelRequest } from '#schemas/gateway/requests.ts'

export type Tokens = NonNullable<ModelRequest['tokens']>
export type TokenPart = { id: 'fresh' | 'cached' | 'written' | 'said' | 'thought'; title: string; count: number }

/** The tokens of a request by what they were, each counted once; those that there were none of are left out. */
export const tokenParts = ({ input, cached, cacheWrite, output, reasoning }: Tokens): TokenPart[] => {
  const parts: TokenPart[] = [
    { id: 'fresh', title: 'Read anew', count: Math.max(0, input - cached - cacheWrite) },
    { id: 'cached', title: 'Read from the provider’s cache', count: cached },
    { id: 'written', title: 'Written to the provider’s cache', count: cacheWrite },
    { id: 'thought', title: 'Thought, not said', count: reasoning },
    { id: 'said', title: 'Answered', count: Math.max(0, output - reasoning) },
  ]
  return parts.filter(({ count }) => count > 0)
}
