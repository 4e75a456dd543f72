import Bot from '@lucide/svelte/icons/bot'
import Braces from '@lucide/svelte/icons/braces'
import CircleHelp from '@lucide/svelte/icons/circle-question-mark'
import Filter from '@lucide/svelte/icons/funnel'
import Flag from '@lucide/svelte/icons/flag'
import GitFork from '@lucide/svelte/icons/git-fork'
import Globe from '@lucide/svelte/icons/globe'
import GraduationCap from '@lucide/svelte/icons/graduation-cap'
import Hourglass from '@lucide/svelte/icons/hourglass'
import ListTree from '@lucide/svelte/icons/list-tree'
import OctagonAlert from '@lucide/svelte/icons/octagon-alert'
import Play from '@lucide/svelte/icons/play'
import Plug from '@lucide/svelte/icons/plug'
import Repeat from '@lucide/svelte/icons/repeat'
import Sigma from '@lucide/svelte/icons/sigma'
import Sparkles from '@lucide/svelte/icons/sparkles'
import Split from '@lucide/svelte/icons/split'
import StickyNote from '@lucide/svelte/icons/sticky-note'
import Undo from '@lucide/svelte/icons/undo-2'
import UserCheck from '@lucide/svelte/icons/user-check'
import Variable from '@lucide/svelte/icons/variable'
import Waypoints from '@lucide/svelte/icons/waypoints'
import Workflow from '@lucide/svelte/icons/workflow'
import type { Component } from 'svelte'
import { kinds } from '#schemas/automation/kinds/index.ts'

const icons: Record<string, Component> = {
  bot: Bot,
  braces: Braces,
  filter: Filter,
  flag: Flag,
  'git-fork': GitFork,
  globe: Globe,
  'graduation-cap': GraduationCap,
  hourglass: Hourglass,
  'list-tree': ListTree,
  'octagon-alert': OctagonAlert,
  play: Play,
  plug: Plug,
  repeat: Repeat,
  sigma: Sigma,
  sparkles: Sparkles,
  split: Split,
  'sticky-note': StickyNote,
  'undo-2': Undo,
  'user-check': UserCheck,
  variable: Variable,
  waypoints: Waypoints,
  workflow: Workflow,
}

export const iconOf = (kind: string): Component => icons[kinds[kind]?.icon ?? ''] ?? CircleHelp

/** The colour of a kind's icon, by what it deals with. */
export const toneOf = (kind: string): string =>
  ({
    flow: 'bg-sunken text-ink-soft',
    data: 'bg-running-wash text-running',
    people: 'bg-waiting-wash text-waiting',
    outside: 'bg-completed-wash text-completed',
    thinking: 'bg-queued-wash text-queued',
  })[kinds[kind]?.group ?? 'flow']

/** The same colour, strong: for a node drawn without words. */
export const solidOf = (kind: string): string =>
  ({
    flow: 'var(--ink-faint)',
    data: 'var(--running)',
    people: 'var(--waiting)',
    outside: 'var(--completed)',
    thinking: 'var(--queued)',
  })[kinds[kind]?.group ?? 'flow']

export const groupTitles = {
  flow: 'Flow',
  outside: 'Connected systems',
  thinking: 'AI',
  people: 'People',
  data: 'Data',
} as const
