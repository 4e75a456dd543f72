import { get } from 'node:http'
import type { LiveRow } from '#schemas/live.ts'

export type Watch = { url: string; authorization: string; viewers: number }
export type Seen = { run: string; headEvent: number; state: string; at: number; viewer: number }

/**
 * Viewers in a process of their own: told a topic's address over IPC, they tell each step they saw change, and when.
 * Over plain `node:http`, because two hundred streams of `fetch` would take the cores from the server.
 */
process.on('message', ({ url, authorization, viewers }: Watch) => {
  let open = 0
  const opened = () => {
    if (++open === viewers) process.send?.({ ready: true })
  }
  for (let viewer = 0; viewer < viewers; viewer++) watch({ url, authorization, viewer, opened })
})

const watch = (options: { url: string; authorization: string; viewer: number; opened: () => void }): void => {
  const { url, authorization, viewer, opened } = options
  const seen = new Map<string, string>()
  let rest = ''
  get(url, { headers: { authorization }, agent: false }, (reply) => {
    reply.setEncoding('utf8').on('data', (text: string) => {
      const at = Date.now()
      const frames = (rest + text).split('\n\n')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        if (frame.startsWith('event: snapshot')) opened()
        if (frame.startsWith('event: delta')) tell(changes(frame, seen), { at, viewer })
      }
    })
  })
}

type Change = Pick<Seen, 'run' | 'headEvent' | 'state'>

const changes = (frame: string, seen: Map<string, string>): Change[] => {
  const { rows } = JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? '') as { rows: LiveRow[] }
  return rows.flatMap((row) => {
    const state = String(row['state'])
    if (row['row'] !== 'step' || seen.get(row.id) === state) return []
    seen.set(row.id, state)
    const [run = '', head = ''] = row.id.split(':')
    return [{ run, headEvent: Number(head), state }]
  })
}

/** What was seen leaves this process a moment later, together: telling it must not hold up the viewers behind. */
const gathered: Seen[] = []
const tellEveryMs = 100

const tell = (found: Change[], seen: { at: number; viewer: number }): void => {
  if (gathered.length === 0 && found.length > 0) setTimeout(() => process.send?.(gathered.splice(0)), tellEveryMs)
  for (const change of found) gathered.push({ ...change, ...seen })
}

process.send?.({ up: true })
