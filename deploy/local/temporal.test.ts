import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTemporal } from './temporal.ts'

let home: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'auterity-temporal-'))
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

test('a workflow goes on existing after kill -9 of the server', async () => {
  const first = await startTemporal({ home })
  const connection = await Connection.connect({ address: first.address })
  const options = { taskQueue: 'nobody', workflowId: 'kept', args: [] }
  await new Client({ connection }).workflow.start('anything', options)
  await connection.close()
  process.kill(first.pid, 'SIGKILL')
  await first.exited
  const second = await startTemporal({ home, port: first.port })
  const again = await Connection.connect({ address: second.address })
  const found = await new Client({ connection: again }).workflow.getHandle('kept').describe()
  expect(found.status.name).toBe('RUNNING')
  const { config } = await again.workflowService.describeNamespace({ namespace: 'default' })
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600)
  await again.close()
  await second.stop()
}, 60_000)
