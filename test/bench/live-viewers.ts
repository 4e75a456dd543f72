import { readSse } from '#test/harness/sse.ts'
import type { LiveRow } from '#schemas/live.ts'

export type Watch = { url: string; authorization: string; viewers: number }
export type Seen = { run: string; headEvent: number; state: string; at: number; viewer: number }

/** Viewers in a process of their own: told a topic's address over IPC, they tell each step they saw change, and when. */
process.on('message', ({ url, authorization, viewers }: Watch) => {
  let open = 0
  for (let viewer = 0; viewer < viewers; viewer++)
    void (async () => {
      const seen = new Map<string, string>()
      for await (const { event, data, at } of readSse(url, { authorization }, new AbortController().signal)) {
        if (event === 'snapshot' && ++open === viewers) process.send?.({ ready: true })
        if (event !== 'delta') continue
        const found: Seen[] = []
        for (const row of (data as { rows: LiveRow[] }).rows) {
          if (row['row'] !== 'step') continue
          const state = String(row['state'])
          if (seen.get(row.id) === state) continue
          seen.set(row.id, state)
          const [run = '', head = ''] = row.id.split(':')
          found.push({ run, headEvent: Number(head), state, at, viewer })
        }
        if (found.length > 0) process.send?.(found)
      }
    })().catch(() => {})
})
process.send?.({ up: true })
