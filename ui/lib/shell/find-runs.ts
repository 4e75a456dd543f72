import { goto } from '$app/navigation'
import { call } from '../call.ts'
import { stateLooks } from '../parts/states.ts'
import { to } from '../paths.ts'
import type { Command, CommandSource } from './commands.ts'

/** Typing goes on while this long (ms) has not passed: only the last text is asked for. */
const pauseMs = 150
const most = 6

/** Runs for the palette: the newest, or those that fit what is typed. */
export const findRuns: CommandSource = async (text, signal) => {
  await new Promise((resolve) => setTimeout(resolve, text === '' ? 0 : pauseMs))
  if (signal.aborted) return []
  const { items } = await call('GET /v1/runs', {}, { limit: most, ...(text === '' ? {} : { text }) }, { signal })
  return items.map((run): Command => ({
    id: run.id,
    title: `${run.title} (${stateLooks[run.state].word.toLowerCase()})`,
    group: text === '' ? 'Newest runs' : 'Runs',
    icon: stateLooks[run.state].icon,
    act: () => void goto(to.run(run.id)),
  }))
}
