import { createContext } from 'svelte'
import type { Group } from '#schemas/automation/definition.ts'
import type { Present } from '#schemas/automation/presence.ts'

/** What the drawn nodes and edges ask of the canvas they are on. */
export type CanvasContext = {
  /** So far away that words cannot be read: nodes are drawn plain. */
  readonly far: boolean
  /** Far away from a drawing of many nodes: nothing can be taken hold of but the nodes themselves. */
  readonly plain: boolean
  readonly readOnly: boolean
  /** The edge the pointer is over. */
  readonly hovered: string | undefined
  /** The pointer leaves what is offered on an edge. */
  leaveEdge(event: PointerEvent): void
  /** Who else is at a node. */
  peopleAt(node: string): readonly Present[]
  insert(edge: string): void
  /** Shows another turn of a loop. */
  turn(loop: string, to: number): void
  changeGroup(group: Group, change: Partial<Group>): void
  /** The note whose text is being written; `wrote` ends that, and gives the keyboard back where it was wanted. */
  readonly writing: string | undefined
  write(note: string): void
  wrote(back: boolean): void
  /** `typing`: what follows right after is the same act. */
  changeNote(node: string, change: { text?: string; width?: number; height?: number }, typing?: boolean): void
}

export const [canvasContext, setCanvasContext] = createContext<CanvasContext>()
