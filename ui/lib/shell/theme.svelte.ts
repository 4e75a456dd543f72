export type ThemeChoice = 'system' | 'light' | 'dark'

const prefersDark = matchMedia('(prefers-color-scheme: dark)')

const read = (): ThemeChoice => {
  try {
    const kept = localStorage.getItem('theme')
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}

let choice = $state(read())

const apply = (): void => {
  const dark = choice === 'dark' || (choice === 'system' && prefersDark.matches)
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
}
prefersDark.addEventListener('change', apply)

/** Light, dark or as the system has it; remembered in this browser. `static/theme.js` does the same before the first paint. */
export const theme = {
  get choice(): ThemeChoice {
    return choice
  },
  set choice(next: ThemeChoice) {
    choice = next
    try {
      if (next === 'system') localStorage.removeItem('theme')
      else localStorage.setItem('theme', next)
    } catch {
      // Storage is blocked: the choice holds until the page is closed.
    }
    apply()
  },
}
