import Antenna from '@lucide/svelte/icons/antenna'
import Ban from '@lucide/svelte/icons/ban'
import CircleCheck from '@lucide/svelte/icons/circle-check'
import CircleX from '@lucide/svelte/icons/circle-x'
import Hand from '@lucide/svelte/icons/hand'
import Hourglass from '@lucide/svelte/icons/hourglass'
import LoaderCircle from '@lucide/svelte/icons/loader-circle'
import PackageCheck from '@lucide/svelte/icons/package-check'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import SkipForward from '@lucide/svelte/icons/skip-forward'
import Undo2 from '@lucide/svelte/icons/undo-2'
import type { StateLook, StateTone } from '#ui/lib/parts/states.ts'
import type { NodeOver, Times } from '../overlay.ts'

type NodeState = NonNullable<NodeOver['state']>

/** How each state of a node is said and drawn: never by colour alone. */
export const nodeLooks: Record<NodeState, StateLook> = {
  running: { word: 'Running', tone: 'running', icon: LoaderCircle, spin: true },
  retrying: { word: 'Retrying', tone: 'retrying', icon: RotateCw },
  waiting: { word: 'Waiting', tone: 'waiting', icon: Hand },
  timed: { word: 'Waiting', tone: 'queued', icon: Hourglass },
  listening: { word: 'Listening', tone: 'queued', icon: Antenna },
  completed: { word: 'Done', tone: 'completed', icon: CircleCheck },
  failed: { word: 'Failed', tone: 'failed', icon: CircleX },
  skipped: { word: 'Skipped', tone: 'cancelled', icon: SkipForward },
  stopped: { word: 'Stopped', tone: 'cancelled', icon: Ban },
  seeded: { word: 'Taken over', tone: 'queued', icon: PackageCheck },
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

/** In which order it is said how often a node came to what: what wants to be looked at first. */
const saidFirst = ['failed', 'waiting', 'running', 'stopped', 'skipped', 'seeded', 'completed'] as const

/** How often a node came to what, in the order in which it is said. */
export const timesOf = (times: Times): { look: StateLook; count: number }[] =>
  saidFirst.flatMap((state) => {
    const count = times[state]
    return count === undefined ? [] : [{ look: nodeLooks[state], count }]
  })

export const timesInWords = (times: Times): string =>
  timesOf(times)
    .map(({ look, count }) => `${count.toLocaleString('en')} ${look.word.toLowerCase()}`)
    .join(', ')
