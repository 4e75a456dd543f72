/**
 * Now, in ms since 1970, moving with each frame of the screen while it is on; where motion is reduced, each second.
 */
export class FrameClock {
  now = $state(Date.now())

  /** Starts it; call what it returns to stop. */
  run(): () => void {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
    if (calm) {
      const timer = setInterval(() => (this.now = Date.now()), 1000)
      return () => clearInterval(timer)
    }
    let frame = requestAnimationFrame(
      function next(this: FrameClock) {
        this.now = Date.now()
        frame = requestAnimationFrame(next.bind(this))
      }.bind(this),
    )
    return () => cancelAnimationFrame(frame)
  }
}
