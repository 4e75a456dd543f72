/** What the feed wants to know of the page around it. */
export type PageSignals = {
  hidden: () => boolean
  online: () => boolean
  /** Calls back when any of it changes; returns the way to stop. */
  onChange: (act: () => void) => () => void
}

export const browserSignals = (): PageSignals => ({
  hidden: () => document.visibilityState === 'hidden',
  online: () => navigator.onLine,
  onChange: (act) => {
    document.addEventListener('visibilitychange', act)
    addEventListener('online', act)
    addEventListener('offline', act)
    return () => {
      document.removeEventListener('visibilitychange', act)
      removeEventListener('online', act)
      removeEventListener('offline', act)
    }
  },
})
