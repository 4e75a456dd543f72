import { expect, test } from 'vitest'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { pointLeads } from './demo-leads.ts'
import { freePort } from './ports.ts'

test('leads flow from the first start on, stay as the screen left them, and rest without the demo', async () => {
  await using sandbox = await openSandbox()
  const hook = { url: `http://127.0.0.1:${await freePort()}/hooks/t/s`, secret: 'whsec_c2VjcmV0' }
  const trickle = async () => (await sandbox.call('GET', '/control')).body.trickle
  await pointLeads(sandbox.url, hook)
  expect(await trickle()).toMatchObject({ on: true, url: hook.url })
  await sandbox.call('PUT', '/control/trickle', { on: false })
  await pointLeads(sandbox.url, hook)
  expect(await trickle()).toMatchObject({ on: false, url: hook.url })

  await pointLeads(sandbox.url, null)
  expect(await trickle()).toMatchObject({ on: false, url: null })
  expect((await sandbox.call('POST', '/control/leads', {})).status).toBe(409)
  await pointLeads(sandbox.url, hook)
  expect(await trickle()).toMatchObject({ on: true, url: hook.url })
})
