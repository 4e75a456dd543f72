export type Shortcut = { keys: string; title: string; act: () => void }
/** The part of a keyboard event that counts. */
export type Press = { key: string; meta: boolean; typing: boolean }

/** After this long (ms) the first key of a pair no longer counts. */
const pairWithinMs = 1200

/**
 * Follows presses and finds the shortcut they make: one key (`?`), a pair (`g r`), or `mod+k` (Ctrl or ⌘, which
 * alone also works while typing).
 *
 * @param now ms, from any clock that only goes forward
 */
export const shortcutFinder = (shortcuts: () => readonly Shortcut[], now: () => number) => {
  let first: { key: string; at: number } | undefined

  return (press: Press): Shortcut | undefined => {
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key
    if (press.meta) {
      first = undefined
      return shortcuts().find((shortcut) => shortcut.keys === `mod+${key}`)
    }
    if (press.typing) return undefined
    const pair = first && now() - first.at <= pairWithinMs ? `${first.key} ${key}` : undefined
    first = undefined
    const found = shortcuts().find((shortcut) => shortcut.keys === (pair ?? key))
    if (found === undefined && shortcuts().some((shortcut) => shortcut.keys.startsWith(`${key} `)))
      first = { key, at: now() }
    return found
  }
}

/** What the key of `mod+…` is called on this machine. */
export const modKey = (): string => (/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl')

export const pressOf = (event: KeyboardEvent): Press => ({
  key: event.key,
  meta: event.metaKey || event.ctrlKey,
  typing:
    event.altKey ||
    (event.target instanceof HTMLElement &&
      (event.target.isContentEditable || event.target.closest('input,textarea,select,[role=menu]') !== null)),
})
