import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { endMarked } from './marked-processes.ts'

test('only the processes that carry the mark are ended', async () => {
  const start = (env: NodeJS.ProcessEnv) =>
    spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const ours = start({ ...process.env, AUTERITY_MARK: 'ours' })
  const other = start({ ...process.env, AUTERITY_MARK: 'ours-not' })
  await Promise.all([once(ours.stdout, 'data'), once(other.stdout, 'data')])
  const ended = once(ours, 'exit')
  const left = await endMarked('AUTERITY_MARK=ours', 0)
  expect(left).toHaveLength(1)
  expect(left[0]).toContain(`(${ours.pid})`)
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(other.exitCode).toBeNull()
  other.kill('SIGKILL')
})
