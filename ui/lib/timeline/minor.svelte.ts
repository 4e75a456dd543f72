import { Remembered } from '#ui/lib/parts/remembered.svelte.ts'

const kept = new Remembered<'folded' | 'shown'>('timeline.minor', 'folded', ['shown'])

/** Whether minor steps have rows of their own; remembered in this browser. */
export const minorSteps = {
  get shown(): boolean {
    return kept.choice === 'shown'
  },
  set shown(next: boolean) {
    kept.choice = next ? 'shown' : 'folded'
  },
}
