export type ConnectionState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'offline'

/** What the screen says about its own line to the server. `since` is ms since 1970. */
export type Connection = { state: ConnectionState; behindSeconds: number; since: number }

/** The server ticks every 2 s; one late tick is the network, two are news. */
export const lateAfterMs = 4500
/** After this long without a byte the line is taken for dead and made anew. */
export const deadAfterMs = 15_000

/** Seconds that what is shown may be out of date, from when something was last heard. */
export const secondsBehind = (state: ConnectionState, lastHeardAt: number | undefined, now: number): number => {
  if (lastHeardAt === undefined || state === 'idle') return 0
  const silentMs = now - lastHeardAt
  if (state === 'live' && silentMs < lateAfterMs) return 0
  return Math.max(0, Math.round(silentMs / 1000))
}
