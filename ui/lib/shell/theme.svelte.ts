import { Remembered } from '#ui/lib/parts/remembered.svelte.ts'

export type ThemeChoice = 'system' | 'light' | 'dark'

const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const kept = new Remembered<ThemeChoice>('theme', 'system', ['light', 'dark'])

const apply = (): void => {
  const dark = kept.choice === 'dark' || (kept.choice === 'system' && prefersDark.matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
}
prefersDark.addEventListener('change', apply)

/** Light, dark or as the system has it; remembered in this browser. `static/theme.js` does the same before the first paint. */
export const theme = {
  get choice(): ThemeChoice {
    return kept.choice
  },
  set choice(next: ThemeChoice) {
    kept.choice = next
    apply()
  },
}
