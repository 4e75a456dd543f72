const tones = [
  'bg-running text-surface',
  'bg-completed text-surface',
  'bg-waiting text-surface',
  'bg-retrying text-surface',
  'bg-queued text-surface',
  'bg-failed text-surface',
] as const

/** The colour of a person, the same on every screen. */
export const personTone = (user: string): string => {
  let sum = 0
  for (const letter of user) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return tones[sum % tones.length] ?? tones[0]
}

/** `Dana Whitfield` → `DW`. */
export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word, at, all) => (at === 0 || at === all.length - 1 ? [word.charAt(0).toUpperCase()] : []))
    .join('')
