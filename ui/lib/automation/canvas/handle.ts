import type { WayOut } from '../acts.ts'
import type { Point } from '../shape.ts'

/** Where a step is wanted: on an edge, after a way out at a place of the canvas, or behind what is chosen. */
export type Wanted = { edge?: string; after?: WayOut; at?: Point }

/** What the page around a canvas asks of it. */
export type CanvasHandle = {
  /** Brings nodes into sight; all of them where none is given. */
  show(ids?: readonly string[]): void
  focus(id?: string): void
  /** Brings one node into sight where it is not; the keyboard stays where it is. */
  bring(id: string): void
  /** Brings one node into sight where it is not, and puts the keyboard there; `legibly`: as large as words need. */
  reveal(id: string, legibly?: boolean): void
  /** Puts the keyboard into the text of a note. */
  write(note: string): void
  layOut(): Promise<void>
  /** The middle of what is in sight, for what is added there. */
  middle(): Point
  /** Whether steps lie in so many pixels at the lower edge, and fewer in as many at the upper one. */
  under(height: number): boolean
  zoom(by: 'in' | 'out'): void
}
