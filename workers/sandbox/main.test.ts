import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test, vi } from 'vitest'
import { type Call, caller, temporaryHome } from './fixture.ts'

// Processes are started here: on a busy machine one takes seconds.
vi.setConfig({ testTimeout: 60_000 })

const main = new URL('main.ts', import.meta.url)

const launch = (home: string, env: Record<string, string> = {}): ChildProcess =>
  fork(main, {
    env: { ...process.env, AUTERITY_HOME: home, ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })

/** The real process, once it says that it is ready. */
const start = async (home: string): Promise<{ child: ChildProcess; call: Call; url: string }> => {
  const child = launch(home)
  const [message] = (await once(child, 'message')) as [{ ready: boolean; port: number }]
  const url = `http://127.0.0.1:${message.port}`
  return { child, url, call: caller(url) }
}

const stop = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  const exit = once(child, 'exit')
  child.kill(signal)
  return ((await exit) as [number | null])[0]
}

const crmToken = { authorization: 'Bearer pat-sandbox' }
const mailKey = { authorization: 'Bearer re_sandbox', 'idempotency-key': 'reply/7' }

test('what was acknowledged is there after SIGKILL, and keys still count', async () => {
  using home = temporaryHome()
  const first = await start(home.path)
  const contact = { properties: { email: 'kill@example.com', auterity_lead_id: 'AW-9' } }
  const mail = { from: 'a@lonestar.example', to: 'kill@example.com', subject: 'Hello', text: 'x' }
  const made = await first.call('POST', '/crm/crm/v3/objects/contacts', contact, crmToken)
  const sent = await first.call('POST', '/mail/emails', mail, mailKey)
  await first.call('PATCH', '/control/systems/dms', { latencyMs: 5 })
  const before = (await first.call('GET', '/control')).body
  await stop(first.child, 'SIGKILL')

  const second = await start(home.path)
  const after = (await second.call('GET', '/control')).body
  expect(after.instance).toBe(before.instance)
  expect(after.systems.dms.switches.latencyMs).toBe(5)
  expect((await second.call('GET', '/truth')).body.contacts).toMatchObject([{ id: made.body.id, lead: 'AW-9' }])
  expect((await second.call('POST', '/crm/crm/v3/objects/contacts', contact, crmToken)).status).toBe(409)
  expect((await second.call('POST', '/mail/emails', mail, mailKey)).body.id).toBe(sent.body.id)
  expect((await second.call('GET', '/control/mails')).body.mails).toHaveLength(1)
  await stop(second.child, 'SIGKILL')
})

test('a lead made before SIGKILL is delivered after it, to where the hook points by then', async () => {
  using home = temporaryHome()
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const first = await start(home.path)
  // The discard port: fetch does not even try it.
  await first.call('PUT', '/control/trickle', { on: false, hook: { url: 'http://127.0.0.1:9/', secret } })
  const { deliveries } = (await first.call('POST', '/control/leads', {})).body
  expect(deliveries).toMatchObject([{ status: null, delivered: false }])
  await stop(first.child, 'SIGKILL')

  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const receiver = createServer((request, response) => {
    resolve(request.headers['webhook-id']?.toString())
    response.writeHead(202).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const address = receiver.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const second = await start(home.path)
  await second.call('PUT', '/control/trickle', { hook: { url: `http://127.0.0.1:${port}/`, secret } })
  expect(await promise).toBe(deliveries[0].webhookId)
  await stop(second.child, 'SIGKILL')
  receiver.closeAllConnections()
  receiver.close()
})

test('SIGTERM lets the request under way finish, then the process ends with 0', async () => {
  using home = temporaryHome()
  const { child, call } = await start(home.path)
  await call('PATCH', '/control/systems/crm', { latencyMs: 300 })
  const exit = once(child, 'exit')
  const slow = call('GET', '/crm/crm/v3/objects/contacts', undefined, crmToken)
  await expect.poll(async () => (await call('GET', '/control')).body.systems.crm.requests).toBe(1)
  child.kill('SIGTERM')
  expect((await slow).status).toBe(200)
  expect(await exit).toEqual([0, null])
})

test('the process ends when its parent goes away', async () => {
  using home = temporaryHome()
  const { child } = await start(home.path)
  const exit = once(child, 'exit')
  child.disconnect()
  expect(await exit).toEqual([0, null])
})

test('what keeps it from starting is told in a line: a bad setting, a port that is taken', async () => {
  using home = temporaryHome()
  const failure = async (port: string) => {
    const child = launch(home.path, { AUTERITY_SANDBOX_PORT: port })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (output += part))
    const [code] = (await once(child, 'close')) as [number]
    return [code, JSON.parse(output)]
  }
  expect(await failure('70000')).toMatchObject([1, { message: expect.stringContaining('AUTERITY_SANDBOX_PORT') }])
  const { child, url } = await start(home.path)
  expect(await failure(new URL(url).port)).toMatchObject([1, { message: expect.stringContaining('EADDRINUSE') }])
  await stop(child, 'SIGKILL')
})
