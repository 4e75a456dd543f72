import { onDestroy } from 'svelte'
import { paced } from '../paced.ts'
import { knownModels } from './known.svelte.ts'

/** Reads something again, every `ms` at most, as requests to models are written down. Called while a component is made. */
export const movesWithRequests = (reload: () => Promise<unknown>, ms = 1_500): void => {
  const known = knownModels()
  const newest = $derived(known.live.rows[0]?.id)
  let seen: string | null | undefined
  const again = paced(ms, async () => void (await reload()))
  onDestroy(() => again.stop())
  $effect(() => {
    if (!known.live.ready) return
    const now = newest ?? null
    if (seen !== undefined && now !== seen) again.ask()
    seen = now
  })
}
