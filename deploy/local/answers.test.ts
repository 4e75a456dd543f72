import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers } from './answers.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'auterity-answers-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const server = (script: string) => {
  const logFile = join(folder, `${script.length}.log`)
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', openSync(logFile, 'a'), 'ignore', 'ipc'] })
  const spoken = new Promise<void>((resolve) => child.once('message', () => resolve()))
  return { child, spoken, patience: { name: 'The server', logFile, offset: 0, limitMs: 0 } }
}

const refuse = () => Promise.reject(new Error('ECONNREFUSED'))

test('a server that never answers is ended, and its last words are told', async () => {
  const { child, spoken, patience } = server(
    `console.log('waiting for a lock'); process.send(1); setInterval(() => {}, 1000)`,
  )
  await spoken
  await expect(answers(child, refuse, patience)).rejects.toThrow(/did not answer within 0 s[\s\S]*waiting for a lock/)
  expect(child.signalCode).toBe('SIGTERM')
})

test('one that ends first is told apart from one that answers', async () => {
  const gone = server('process.exit(3)')
  expect(await answers(gone.child, refuse, { ...gone.patience, limitMs: 60_000 })).toBe(false)
  const up = server('setInterval(() => {}, 1000) // up')
  expect(await answers(up.child, () => Promise.resolve(), up.patience)).toBe(true)
  up.child.kill('SIGKILL')
})
