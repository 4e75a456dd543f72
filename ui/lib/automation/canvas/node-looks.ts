import Antenna from '@lucide/svelte/icons/antenna'
import Ban from '@lucide/svelte/icons/ban'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleX from '@lucide/svelte/icons/circle-x'
import Hand from '@lucide/svelte/icons/hand'
import Hourglass from '@lucide/svelte/icons/hourglass'
import LoaderCircle from '@lucide/svelte/icons/loader-circle'
import PackageCheck from '@lucide/svelte/icons/package-check'
import PowerOff from '@lucide/svelte/icons/power-off'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import SkipForward from '@lucide/svelte/icons/skip-forward'
import Undo2 from '@lucide/svelte/icons/undo-2'
import type { StateLook, StateTone } from '#ui/lib/parts/states.ts'
import type { NodeOver } from '../overlay.ts'
import { stateWords } from './state-words.ts'

type NodeState = NonNullable<NodeOver['state']>

/** How each state of a node is said and drawn: never by colour alone. */
export const nodeLooks: Record<NodeState, StateLook> = {
  running: { word: stateWords.running, tone: 'running', icon: LoaderCircle, spin: true },
  retrying: { word: stateWords.retrying, tone: 'retrying', icon: RotateCw },
  waiting: { word: stateWords.waiting, tone: 'waiting', icon: Hand },
  timed: { word: stateWords.timed, tone: 'queued', icon: Hourglass },
  listening: { word: stateWords.listening, tone: 'queued', icon: Antenna },
  completed: { word: stateWords.completed, tone: 'completed', icon: CircleCheck },
  failed: { word: stateWords.failed, tone: 'failed', icon: CircleX },
  skipped: { word: stateWords.skipped, tone: 'cancelled', icon: SkipForward },
  stopped: { word: stateWords.stopped, tone: 'cancelled', icon: Ban },
  seeded: { word: stateWords.seeded, tone: 'queued', icon: PackageCheck },
  disabled: { word: stateWords.disabled, tone: 'cancelled', icon: PowerOff },
}

export const notUndone: StateLook = { word: 'Not undone', tone: 'failed', icon: Undo2 }

export const toneInk: Record<StateTone, string> = {
  running: 'text-running',
  waiting: 'text-waiting',
  completed: 'text-completed',
  failed: 'text-failed',
  cancelled: 'text-cancelled',
  retrying: 'text-retrying',
  queued: 'text-queued',
}

export const changeLooks = {
  added: { word: 'new', look: 'bg-completed-wash text-completed' },
  removed: { word: 'gone', look: 'bg-failed-wash text-failed' },
  changed: { word: 'changed', look: 'bg-waiting-wash text-waiting' },
} as const
