import type { Way } from '../walk.ts'

/** What a key on the canvas does. */
export type KeyAct =
  | { do: 'walk'; way: Way; extend: boolean }
  | { do: 'nudge'; x: number; y: number }
  | {
      do:
        | 'edit'
        | 'rename'
        | 'delete'
        | 'duplicate'
        | 'undo'
        | 'redo'
        | 'all'
        | 'find'
        | 'fit'
        | 'lay_out'
        | 'add'
        | 'connect'
        | 'escape'
        | 'toggle'
        | 'group'
        | 'ungroup'
    }

type Press = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

const ways: Record<string, Way> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }
const steps: Record<Way, { x: number; y: number }> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
}
/** How far Alt and an arrow move a step, in pixels; with Shift too. */
const nudge = { small: 8, large: 40 }

const plain: Record<string, KeyAct> = {
  Enter: { do: 'edit' },
  F2: { do: 'rename' },
  Delete: { do: 'delete' },
  Backspace: { do: 'delete' },
  Tab: { do: 'add' },
  '/': { do: 'add' },
  c: { do: 'connect' },
  '1': { do: 'fit' },
  d: { do: 'toggle' },
  Escape: { do: 'escape' },
}
const withMod: Record<string, KeyAct> = {
  z: { do: 'undo' },
  y: { do: 'redo' },
  d: { do: 'duplicate' },
  a: { do: 'all' },
  f: { do: 'find' },
  g: { do: 'group' },
}

/** With Shift too. Laying out moves everything, so no single letter does it. */
const withBoth: Record<string, KeyAct> = {
  z: { do: 'redo' },
  g: { do: 'ungroup' },
  l: { do: 'lay_out' },
}

/** Reads a key press; copying and pasting come as events of the clipboard. */
export function readKey(press: Press): KeyAct | undefined {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key
  const way = ways[key]
  if (way !== undefined && press.altKey) {
    const by = press.shiftKey ? nudge.large : nudge.small
    return { do: 'nudge', x: steps[way].x * by, y: steps[way].y * by }
  }
  if (way !== undefined) return { do: 'walk', way, extend: press.shiftKey }
  if (press.ctrlKey || press.metaKey) {
    if (press.shiftKey) return withBoth[key]
    return withMod[key]
  }
  if (press.altKey || (press.shiftKey && key === 'Tab')) return undefined
  return plain[key]
}

/** The keys as the help lists them. */
export const keyHelp: readonly { keys: string; does: string }[] = [
  { keys: 'Tab /', does: 'Add a step behind the chosen one' },
  { keys: '← → ↑ ↓', does: 'Walk along connections, with Shift choose them too' },
  { keys: 'Alt ← → ↑ ↓', does: 'Move what is chosen' },
  { keys: 'c', does: 'Connect the step to another, or take a connection away' },
  { keys: 'Enter', does: 'Edit the step; Escape leads back' },
  { keys: 'F2', does: 'Rename it' },
  { keys: 'Delete', does: 'Take away what is chosen' },
  { keys: 'd', does: 'Disable or enable it' },
  { keys: 'Ctrl D', does: 'Duplicate' },
  { keys: 'Ctrl C X V', does: 'Copy, cut, paste, also into another browser' },
  { keys: 'Ctrl Z, Ctrl Shift Z', does: 'Undo, do again' },
  { keys: 'Ctrl A', does: 'Choose everything' },
  { keys: 'Shift click', does: 'Choose one more, or one less' },
  { keys: 'Ctrl G, Ctrl Shift G', does: 'Group, ungroup' },
  { keys: 'Ctrl F', does: 'Find on the canvas' },
  { keys: '1', does: 'See everything' },
  { keys: 'Ctrl Shift L', does: 'Lay out by itself' },
  { keys: 'Escape', does: 'Choose nothing; then leave the canvas' },
]
