import type { IdRule } from '../tool-id.ts'

/** In what models behind this wire differ. */
export type MessagesQuirks = {
  /** How many tokens may be answered where nobody says, for this wire has to be told. */
  mostTokens: number
  /** Whether the model itself decides how long to think, or has to be given a budget (Claude before 4.6). */
  thinks: 'adaptive' | 'budget'
  /** Whether instructions may come in the middle of the dialogue. */
  instructsMidway: boolean
  toolIds: IdRule
}

export const messagesQuirks = {
  anthropic: {
    mostTokens: 4096,
    thinks: 'adaptive',
    instructsMidway: true,
    toolIds: { longest: 64, letters: /^[a-zA-Z0-9_-]+$/ },
  },
  earlier: {
    mostTokens: 4096,
    thinks: 'budget',
    instructsMidway: false,
    toolIds: { longest: 64, letters: /^[a-zA-Z0-9_-]+$/ },
  },
} as const satisfies Record<string, MessagesQuirks>
