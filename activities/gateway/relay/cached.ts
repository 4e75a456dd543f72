/** What the cache did for a request: whose answer it gave again, and how old that was; or that it was looked up in vain. */
export type Cached =
  | { how: 'exact' | 'semantic'; of: string; ageMs: number; similarity: number | null }
  | { how: 'miss' }

/** How it is told to who asked. */
export const cacheHeaders = (cache: Cached): Record<string, string> => {
  if (cache.how === 'miss') return { 'x-auterity-cache': 'miss' }
  const { ageMs, similarity } = cache
  const near = similarity === null ? {} : { 'x-auterity-similarity': similarity.toFixed(4) }
  return { 'x-auterity-cache': 'hit', age: String(Math.floor(ageMs / 1000)), ...near }
}
