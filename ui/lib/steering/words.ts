import type { Level } from '#schemas/steering/document.ts'
import type { Result } from '#schemas/steering/trace.ts'
import type { BadgeTone } from '#ui/lib/parts/Badge.svelte'

export const levelWords: Record<Level, string> = {
  enforced: 'before all others',
  keys: 'for keys',
  users: 'for people',
  teams: 'for teams',
  tags: 'for tags',
  models: 'for models',
  tenant: 'for everybody',
}

export const resultWords: Record<Result, { title: string; tone: BadgeTone }> = {
  held: { title: 'held', tone: 'completed' },
  late: { title: 'too late', tone: 'cancelled' },
  off: { title: 'off', tone: 'cancelled' },
  early: { title: 'not yet', tone: 'cancelled' },
  over: { title: 'over', tone: 'cancelled' },
  outside: { title: 'for others', tone: 'cancelled' },
  no: { title: 'does not hold', tone: 'plain' },
  absent: { title: 'not said', tone: 'plain' },
  unrecorded: { title: 'not known', tone: 'waiting' },
  failed: { title: 'failed', tone: 'failed' },
}

/** `a, b` → `['a', 'b']`, and back. */
export const listOf = (text: string): string[] => [...new Set(text.split(',').map((one) => one.trim()))].filter(Boolean)
export const listText = (list: readonly string[] | undefined): string => (list ?? []).join(', ')
