/**
 * Waits until `look` gives something other than undefined or false; errors are looked past. When the time is up the
 * last thing seen is told, so that a test that fails says why.
 */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, ms = 45_000): Promise<T> {
  const end = Date.now() + ms
  let last: unknown
  while (Date.now() < end) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
      last = found
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited in vain until ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`)
}
