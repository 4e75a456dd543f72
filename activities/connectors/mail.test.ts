import { afterAll, beforeEach, expect, test } from 'vitest'
import { openSandbox } from '#workers/sandbox/fixture.ts'
import { connect } from './connect.ts'
import { sendReply } from './lead.ts'
import { leadOf } from './fixture.ts'
import { sandboxSystems } from '#workers/config.ts'

const sandbox = await openSandbox()
const { call, url } = sandbox
afterAll(() => sandbox[Symbol.asyncDispose]())
beforeEach(() => call('POST', '/control/reset', {}))

const systems = sandboxSystems(url, 'Sales <sales@example.com>')
const connectors = connect({ ...systems, sandbox: true, rehearsal: null })
const send = async (email: string | null, run = 'run_1') =>
  sendReply(connectors.mail, { run, lead: leadOf({ email }), text: 'Hello Dana' })
const inbox = async () => (await call('GET', '/control/mails')).body.mails

test('a reply is sent once for each run, though the answer is lost and it is tried again', async () => {
  await call('PATCH', '/control/systems/mail', { errorRate: 1, fault: 'after' })
  await expect(send('dana@example.com')).rejects.toMatchObject({ code: 'connector_unavailable' })
  await call('PATCH', '/control/systems/mail', { errorRate: 0 })
  const [one, two] = await Promise.all([send('dana@example.com'), send('dana@example.com')])
  expect(one).toBe(two)
  expect(await inbox()).toHaveLength(1)
  await send('dana@example.com', 'run_2')
  expect(await inbox()).toHaveLength(2)
})

test('an address that refuses mail, and none at all, end the try for good', async () => {
  await expect(send('bounce@example.com')).rejects.toMatchObject({ code: 'mail_refused' })
  await expect(send(null)).rejects.toMatchObject({ code: 'mail_refused', message: /by phone/ })
  expect(await inbox()).toEqual([])
})
