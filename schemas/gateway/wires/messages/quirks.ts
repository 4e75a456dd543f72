import type { IdRule } from '../tool-id.ts'

/** In what models behind this wire differ. */
export type MessagesQuirks = {
  /** How many tokens may be answered where nobody says, for this wire has to be told. */
  mostTokens: number
  /** Whether the model decides how long to think, is given a budget, or either. */
  thinks: 'adaptive' | 'budget' | 'both'
  /** Whether it takes temperature, top_p and top_k. */
  sampling: boolean
  /** Whether instructions may come in the middle of the dialogue. */
  instructsMidway: boolean
  toolIds: IdRule
}

const toolIds: IdRule = { longest: 64, letters: /^[a-zA-Z0-9_-]+$/ }

export const messagesQuirks = {
  /** Takes all that this wire can say: Claude 4.6, and models by names that one does not know. */
  all: { mostTokens: 8192, thinks: 'both', sampling: true, instructsMidway: true, toolIds },
  /** Claude from 4.7 on. */
  now: { mostTokens: 8192, thinks: 'adaptive', sampling: false, instructsMidway: true, toolIds },
  /** Claude up to 4.5. */
  before: { mostTokens: 4096, thinks: 'budget', sampling: true, instructsMidway: false, toolIds },
} as const satisfies Record<string, MessagesQuirks>

/** By the name that Anthropic, Bedrock or Vertex gives a model. */
export const quirksOfModel = (model: string): MessagesQuirks => {
  if (/claude-(?:instant|v?[123])\b/.test(model)) return messagesQuirks.before
  const [, major, minor = '0'] = /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/.exec(model) ?? []
  if (major === undefined) return messagesQuirks.all
  const version = Number(major) * 100 + Number(minor)
  return version > 406 ? messagesQuirks.now : version === 406 ? messagesQuirks.all : messagesQuirks.before
}
