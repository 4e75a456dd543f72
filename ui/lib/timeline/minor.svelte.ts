const key = 'timeline.minor'

const read = (): boolean => {
  try {
    return localStorage.getItem(key) === 'shown'
  } catch {
    return false
  }
}

let shown = $state(read())

/** Whether minor steps have rows of their own; remembered in this browser. */
export const minorSteps = {
  get shown(): boolean {
    return shown
  },
  set shown(next: boolean) {
    shown = next
    try {
      if (next) localStorage.setItem(key, 'shown')
      else localStorage.removeItem(key)
    } catch {
      // Storage is blocked: the choice holds until the page is closed.
    }
  },
}
