import type { Dialogue, Effort, JsonMembers } from '../dialogue.ts'
import { known } from '../members.ts'
import type { Unsayable } from '../unsaid.ts'
import type { MessagesQuirks } from './quirks.ts'

const budgets: Record<Effort, number> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
}
const leastBudget = 1024

export type Written = { thinking?: JsonMembers; effort?: Effort; on: boolean }

/** How to ask this model to think as the dialogue wants, as far as what else is asked for allows it. */
export const writeThinking = (
  dialogue: Dialogue,
  maxTokens: number,
  quirks: MessagesQuirks,
  notes: Unsayable,
): Written => {
  const { thinking, toolChoice, turns } = dialogue
  if (thinking === undefined) return { on: false }
  const { mode, budget, show } = thinking
  const effort = thinking.effort === 'minimal' ? 'low' : thinking.effort
  if (effort !== thinking.effort) notes.passedOver('/thinking/effort', 'messages has no effort below “low”.')
  const said = quirks.thinks !== 'budget' && effort !== undefined ? { effort } : {}
  if (mode === 'off') return { thinking: { type: 'disabled' }, ...said, on: false }
  if (mode === undefined && quirks.thinks !== 'budget') return { ...said, on: false }
  if (toolChoice === 'required' || typeof toolChoice === 'object') {
    notes.nearly('/thinking', 'messages cannot force a tool while thinking; the model does not think.')
    return { ...said, on: false }
  }
  if (quirks.thinks === 'adaptive' || (budget === undefined && quirks.thinks === 'both')) {
    if (budget !== undefined) notes.nearly('/thinking/budget', 'This model decides for itself how long it thinks.')
    return { thinking: known({ type: 'adaptive', display: show }), ...said, on: true }
  }
  if (midLoop(turns)) {
    notes.nearly(
      '/thinking',
      'messages cannot think between a tool call and its result without the thought that led to the call.',
    )
    return { ...said, on: false }
  }
  const wanted = budget ?? budgets[thinking.effort ?? 'medium']
  const tokens = Math.min(wanted, maxTokens - 1)
  if (tokens < leastBudget) {
    notes.nearly('/thinking', `messages thinks for ${leastBudget} tokens or more, which maxTokens does not leave.`)
    return { ...said, on: false }
  }
  if (budget === undefined) notes.passedOver('/thinking/effort', `This model is given a budget: ${tokens} tokens.`)
  else if (tokens < wanted) notes.nearly('/thinking/budget', `messages thinks within maxTokens: for ${tokens} tokens.`)
  return { thinking: known({ type: 'enabled', budget_tokens: tokens, display: show }), ...said, on: true }
}

/** Whether the results of calls are handed over that were made without a thought that this wire could check. */
const midLoop = (turns: Dialogue['turns']): boolean => {
  const last = turns.at(-1)
  const called = turns.at(-2)
  return (
    last?.role === 'tool' &&
    called?.role === 'assistant' &&
    !called.parts.some((part) => part.type === 'thinking' && part.seal?.wire === 'messages')
  )
}
