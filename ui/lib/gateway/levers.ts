import type { Saved } from '#schemas/gateway/costs.ts'
import type { LeverSettings } from '#schemas/gateway/levers.ts'

/** The levers that are a switch, with the sum that they save into. */
export const leverSwitches: Record<keyof LeverSettings, { title: string; about: string; saves: keyof Saved }> = {
  marks: {
    title: 'Marked prompts',
    about:
      'Claude, at Anthropic and on Bedrock, keeps only prompts that are marked. Those that came before within five minutes are marked, unless a request carries marks of its own. Writing one costs a quarter more, reading it nine tenths less.',
    saves: 'marks',
  },
  trims: {
    title: 'Trimmed prompts',
    about:
      'A long passage that an earlier message has word for word is named instead of said again: in what users said before their last turn, and in what tools answered. Instructions, the last turn and calls of tools stay as they are. A steering rule may say otherwise.',
    saves: 'trimming',
  },
}
