import Ban from '@lucide/svelte/icons/ban'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleDashed from '@lucide/svelte/icons/circle-dashed'
import CircleX from '@lucide/svelte/icons/circle-x'
import Hand from '@lucide/svelte/icons/hand'
import Inbox from '@lucide/svelte/icons/inbox'
import OctagonAlert from '@lucide/svelte/icons/octagon-alert'
import Pause from '@lucide/svelte/icons/pause'
import LoaderCircle from '@lucide/svelte/icons/loader-circle'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import ShieldAlert from '@lucide/svelte/icons/shield-alert'
import TimerOff from '@lucide/svelte/icons/timer-off'
import Trash2 from '@lucide/svelte/icons/trash-2'
import Undo2 from '@lucide/svelte/icons/undo-2'
import type { Component } from 'svelte'
import type { ApprovalState } from '#schemas/approvals.ts'
import type { ReceiptStatus } from '#schemas/ingress.ts'
import type { Run, RunState, StepState } from '#schemas/runs.ts'

export type State = 'paused' | 'stuck' | RunState | StepState | ReceiptStatus | ApprovalState
export type StateTone = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled' | 'retrying' | 'queued'
export type StateLook = { word: string; tone: StateTone; icon: Component; spin?: true }

/** How each state of a run, step, receipt or approval is said and drawn: never by colour alone. */
export const stateLooks: Record<State, StateLook> = {
  queued: { word: 'Queued', tone: 'queued', icon: CircleDashed },
  scheduled: { word: 'Scheduled', tone: 'queued', icon: CircleDashed },
  accepted: { word: 'Accepted', tone: 'queued', icon: Inbox },
  running: { word: 'Running', tone: 'running', icon: LoaderCircle, spin: true },
  retrying: { word: 'Retrying', tone: 'retrying', icon: RotateCw },
  paused: { word: 'Paused', tone: 'waiting', icon: Pause },
  stuck: { word: 'Stuck', tone: 'failed', icon: OctagonAlert },
  waiting: { word: 'Waiting', tone: 'waiting', icon: Hand },
  open: { word: 'Open', tone: 'waiting', icon: Hand },
  completed: { word: 'Completed', tone: 'completed', icon: CircleCheck },
  approved: { word: 'Approved', tone: 'completed', icon: CircleCheck },
  failed: { word: 'Failed', tone: 'failed', icon: CircleX },
  rejected: { word: 'Rejected', tone: 'failed', icon: CircleX },
  timed_out: { word: 'Timed out', tone: 'failed', icon: TimerOff },
  quarantined: { word: 'Quarantined', tone: 'retrying', icon: ShieldAlert },
  cancelled: { word: 'Cancelled', tone: 'cancelled', icon: Ban },
  discarded: { word: 'Discarded', tone: 'cancelled', icon: Trash2 },
  expired: { word: 'Expired', tone: 'cancelled', icon: TimerOff },
  withdrawn: { word: 'Withdrawn', tone: 'cancelled', icon: Undo2 },
}

/** How a run is said to stand: that it is stuck, or held back by somebody, says more than what it was at. */
export const stateOf = ({ state, paused, stuck }: Pick<Run, 'state' | 'paused' | 'stuck'>): State => {
  if (stuck !== null) return 'stuck'
  return paused && (state === 'running' || state === 'waiting') ? 'paused' : state
}
