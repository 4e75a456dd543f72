import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openSandbox } from './fixture.ts'

const key = Buffer.from('a secret of thirty-two bytes ok!')
const secret = `whsec_${key.toString('base64')}`

type Received = { id: string; body: string; genuine: boolean }

/** Standard Webhooks 1.0, "Verifying signatures", written from the text of the specification. */
const isGenuine = (request: IncomingMessage, body: string): boolean => {
  const header = (name: string) => String(request.headers[name] ?? '')
  const age = Math.abs(Date.now() / 1000 - Number(header('webhook-timestamp')))
  const signed = `${header('webhook-id')}.${header('webhook-timestamp')}.${body}`
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  const given = Buffer.from(header('webhook-signature'))
  return age < 300 && given.length === expected.length && timingSafeEqual(given, expected)
}

/** A receiver that answers the first requests as told and 202 after that; `until(n)` waits for n requests. */
const openReceiver = async (first: readonly number[] = []) => {
  const received: Received[] = []
  const waiting: { count: number; done: () => void }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      received.push({ id: String(request.headers['webhook-id']), body, genuine: isGenuine(request, body) })
      response.writeHead(first[received.length - 1] ?? 202).end('{"receipt":"rct_1"}')
      for (const { count, done } of waiting) if (received.length >= count) done()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    received,
    hook: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/t/s`, secret },
    until: (count: number) =>
      received.length >= count
        ? Promise.resolve()
        : new Promise<void>((done) => {
            waiting.push({ count, done })
          }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('the trickle sends signed leads, each with an id of its own', async () => {
  await using sandbox = await openSandbox()
  await using receiver = await openReceiver()
  await sandbox.call('PUT', '/control/trickle', { on: true, everySeconds: 0.05, hook: receiver.hook })
  await receiver.until(3)
  expect(receiver.received.every(({ genuine }) => genuine)).toBe(true)
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(receiver.received.length)
  expect(receiver.received.every(({ body }) => body.includes('<adf>'))).toBe(true)
  const off = await sandbox.call('PUT', '/control/trickle', { on: false })
  expect(off.body).toMatchObject({ on: false, url: receiver.hook.url })
  expect(JSON.stringify((await sandbox.call('GET', '/control')).body)).not.toContain(secret)
})

test('a lead that is not taken comes again with the same id and body', async () => {
  await using sandbox = await openSandbox()
  await using receiver = await openReceiver([500])
  const sent = await sandbox.call('POST', '/control/leads', { hook: receiver.hook })
  expect(sent.body.deliveries).toMatchObject([{ status: 500, delivered: false }])
  await receiver.until(2)
  const [first, second] = receiver.received
  expect(second).toEqual(first)
})

test('leads sent at once tell what the receiver answered', async () => {
  await using sandbox = await openSandbox()
  await using receiver = await openReceiver()
  const order = { count: 20, scenario: 'mail_refused', format: 'json', hook: receiver.hook }
  const { deliveries } = (await sandbox.call('POST', '/control/leads', order)).body
  expect(deliveries).toHaveLength(20)
  expect(deliveries[0]).toMatchObject({ status: 202, answer: '{"receipt":"rct_1"}', delivered: true })
  const leads = receiver.received.map(({ body }) => JSON.parse(body))
  expect(new Set(leads.map(({ leadId }) => leadId))).toEqual(
    new Set(deliveries.map((one: { lead: string }) => one.lead)),
  )
  expect(leads.every(({ customer }) => customer.email.startsWith('bounce+'))).toBe(true)
})
