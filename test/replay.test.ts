import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from '@temporalio/worker'
import { expect, test } from 'vitest'
import { dataConverter } from '#temporal/converter.ts'
import { unpackHistory } from '#temporal/history.ts'
import { testKey } from './harness/database.ts'

const folder = fileURLToPath(new URL('histories/', import.meta.url))
const names = readdirSync(folder)

const bundle = async () => ({ code: await readFile(process.env['AUTERITY_WORKFLOW_BUNDLE'] ?? '', 'utf8') })
const read = async (name: string) => ({ events: await unpackHistory(await readFile(folder + name)) })
const replay = async (workflowBundle: { code: string }, name: string): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle, dataConverter: dataConverter([testKey]) }, await read(name))

test('the corpus holds every way a lead goes', () => {
  expect(names.map((name) => name.replace('.pb.gz', '')).toSorted()).toEqual([
    'cancel',
    'compensation',
    'escalation',
    'model-fallback',
    'reject',
    'retry',
    'success',
  ])
})

test.each(names)('%s replays on the workflow code of today', async (name) => {
  await replay(await bundle(), name)
})

test('a changed order of steps is found out', async () => {
  const { code } = await bundle()
  const changed = code.replaceAll("'openApproval'", "'openApprovalElsewhere'")
  expect(changed).not.toBe(code)
  await expect(replay({ code: changed }, 'success.pb.gz')).rejects.toThrow(/openApproval|[Nn]ondeterminis/)
})
