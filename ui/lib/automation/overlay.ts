import { same } from '#schemas/automation/json.ts'
import type { TurnsSeen } from '#schemas/automation/turns.ts'
import type { CanvasNode } from '#schemas/runs.ts'

/** The turns of a loop that are known, and the one whose steps are shown. */
export type TurnPick = TurnsSeen & {
  at: number
  /** What the turn that is shown is about, where that can be said in a few words. */
  about?: string
}

/** How often a node came to what. */
export type Times = TurnsSeen['nodes'][string]

/** What is shown of a node besides what it is: how it fared in a run, how it differs from another version. */
export type NodeOver = {
  /** `timed` and `listening` wait as well, for a time or an event: nobody has to do anything. */
  state?: CanvasNode['state'] | 'retrying' | 'timed' | 'listening'
  /** What it waits for, in place of how long it has. */
  says?: string
  /** ISO 8601; while `until` is null it goes on. */
  from?: string | null
  until?: string | null
  tries?: number
  /** It stands in a loop whose turns are worked through by runs of their own. */
  elsewhere?: true
  /** Who passed it over. */
  skippedBy?: string
  /** Whether what it did was undone, or could not be. */
  undo?: 'done' | 'failed'
  turns?: TurnPick
  /** Of a step in a loop: how often it came to what, over all turns. */
  times?: Times
  /** How many tools a model asked. */
  tools?: number
  change?: Changed
}

/** How the run went along an edge, and what it carried in a word. */
export type EdgeOver = { way?: 'taken' | 'moving' | 'idle'; said?: string; change?: Changed }

export type Changed = 'added' | 'removed' | 'changed'

export type Overlay = {
  nodes: ReadonlyMap<string, NodeOver>
  edges: ReadonlyMap<string, EdgeOver>
  /** Whether it is of a run: nodes without a state were not come to. */
  ofRun: boolean
}

export const nothingOver: Overlay = { nodes: new Map(), edges: new Map(), ofRun: false }

/** `next`, with the entries of `before` where they say the same, so that only what changed is drawn anew. */
export const steady = (before: Overlay, next: Overlay): Overlay => ({
  ...next,
  nodes: kept(before.nodes, next.nodes),
  edges: kept(before.edges, next.edges),
})

const kept = <T>(before: ReadonlyMap<string, T>, next: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map(
    [...next].map(([id, one]) => {
      const old = before.get(id)
      return [id, old !== undefined && same(old, one) ? old : one]
    }),
  )
