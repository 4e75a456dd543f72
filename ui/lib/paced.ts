/**
 * Does something at once when asked, and then again at most every `ms`, however often it is asked; what was asked for
 * meanwhile is done once more at the end, so the last word is never missed. It never overlaps itself.
 *
 * @param later calls back after so many ms; gives the way to call it off
 */
export const paced = (
  ms: number,
  act: () => Promise<void>,
  later: (ms: number, then: () => void) => () => void = laterByTimer,
): { ask(): void; stop(): void } => {
  let busy = false
  let asked = false
  let stopped = false
  let callOff = () => {}

  const round = async () => {
    busy = true
    asked = false
    await act()
    if (stopped) return
    callOff = later(ms, () => {
      busy = false
      if (asked) void round()
    })
  }
  return {
    ask() {
      asked = true
      if (!busy && !stopped) void round()
    },
    stop() {
      stopped = true
      callOff()
    },
  }
}

const laterByTimer = (ms: number, then: () => void): (() => void) => {
  const timer = setTimeout(then, ms)
  return () => clearTimeout(timer)
}
