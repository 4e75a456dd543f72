import type { Case } from './golden.ts'

type Why = Readonly<Partial<Record<Case, string>>>

/** What is worked out in no time from what is at hand: nothing that passes can keep it from that. */
const pure: Why = { retry: 'What an expression fails at once it fails always, so it is not tried again.' }
const sure: Why = { ...pure, error: 'It does nothing that could fail, and has no port for it.' }
const failing = (why: string): Why => ({ success: why, retry: 'It would fail the same way again.' })
const notYet = failing('It is not available yet, and fails before it does anything.')
const drawn = 'It stands on the drawing for people, and is never executed.'

/** Ways that a kind of node cannot go, so that there is no golden history of it, and why not. */
export const holes: Readonly<Record<string, Why>> = {
  start: sure,
  end: sure,
  decision: pure,
  switch: pure,
  set: pure,
  map: pure,
  filter: pure,
  aggregate: pure,
  agent: notYet,
  training: notYet,
  raise: failing('Failing is all that it does.'),
  note: { success: drawn, retry: drawn, error: drawn, cancel: drawn, 'carry-on': drawn },
}
