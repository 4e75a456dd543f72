import { onDestroy } from 'svelte'

/** Does something every `everyMs` while the component is there and somebody looks at the page. */
export const whileLookedAt = (everyMs: number, act: () => void): void => {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') act()
  }, everyMs)
  onDestroy(() => clearInterval(timer))
}
