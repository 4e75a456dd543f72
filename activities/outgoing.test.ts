import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startSystem } from '#activities/connectors/fixture.ts'
import { createOutgoing, type OutgoingRequest } from './outgoing.ts'
import { readAllowed } from './outgoing-address.ts'

const get = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({ method: 'GET', url, ...more })
const portOf = (url: string): string => new URL(url).port

/** Every name is at home at this machine; only what is allowed may be reached there. */
const outgoing = (allow: string, addresses: Record<string, string[]> = {}) =>
  createOutgoing({ allow: readAllowed(allow), resolve: async (name) => addresses[name] ?? ['127.0.0.1'] })
const text = (body: Uint8Array): string => Buffer.from(body).toString()

/** A server that answers with raw pieces, as slowly as it likes. */
const startRaw = async (answer: (socket: Socket) => void) => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('data', () => answer(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test.each([
  ['this machine', 'http://127.0.0.1/'],
  ['this machine by name', 'http://localhost/'],
  ['this machine as one number', 'http://2130706433/'],
  ['this machine in octal', 'http://0177.0.0.1/'],
  ['this machine in hexadecimal', 'http://0x7f.1/'],
  ['this machine in IPv6', 'http://[::1]/'],
  ['an IPv4 address in IPv6 clothes', 'http://[::ffff:10.0.0.1]/'],
  ['an IPv4 address behind 6to4', 'http://[2002:7f00:1::]/'],
  ['an IPv4 address behind NAT64', 'http://[64:ff9b::a00:1]/'],
  ['nothing at all', 'http://0.0.0.0/'],
  ['a private network', 'http://192.168.0.10/'],
  ['a private network in IPv6', 'http://[fd00:ec2::254]/'],
  ['the network of a carrier', 'http://100.64.0.1/'],
  ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/'],
  ['the channel of Azure', 'http://168.63.129.16/'],
  ['a multicast group', 'http://224.0.0.1/'],
  ['a file', 'file:///etc/passwd'],
  ['another protocol', 'ftp://example.com/'],
  ['an address with a password', 'https://me:secret@example.com/'],
  ['no address', 'example.com'],
])('%s is refused', async (_, url) => {
  const real = createOutgoing({ allow: readAllowed() })
  await expect(real(get(url))).rejects.toMatchObject({ code: 'address_refused' })
})

test('a name that leads into the house is refused, however many addresses it has', async () => {
  await using server = await startSystem({ status: 200 })
  const port = portOf(server.url)
  const call = outgoing('', { 'mixed.example': ['10.0.0.1', '127.0.0.1'] })
  await expect(call(get(`http://inside.example:${port}/`))).rejects.toMatchObject({ code: 'address_refused' })
  await expect(call(get(`http://mixed.example:${port}/`))).rejects.toMatchObject({ code: 'address_refused' })
  expect(server.asked).toEqual([])
})

test('a name is looked up once, and what was looked at is what is connected to', async () => {
  await using server = await startSystem({ status: 200, headers: { connection: 'close' }, body: '1' })
  const looked: string[] = []
  // the first answer is harmless, every later one is not: DNS rebinding
  const call = createOutgoing({
    allow: readAllowed('127.0.0.1/32'),
    resolve: async (name) => [looked.push(name) === 1 ? '127.0.0.1' : '127.0.0.2'],
  })
  const url = `http://rebinding.example:${portOf(server.url)}/`
  expect(await call(get(url))).toMatchObject({ status: 200 })
  expect(looked).toHaveLength(1)
  await expect(call(get(url))).rejects.toMatchObject({ code: 'address_refused' })
  expect(server.asked).toHaveLength(1)
})

test('an installation may allow a host with its port, or a range; other ports stay shut', async () => {
  await using server = await startSystem({ status: 200, body: 'here' })
  const port = portOf(server.url)
  const url = `http://crm.intern:${port}/`
  expect(text((await outgoing(`crm.intern:${port}`)(get(url))).body)).toBe('here')
  expect(text((await outgoing('127.0.0.0/8')(get(url))).body)).toBe('here')
  await expect(outgoing('crm.intern:1')(get(url))).rejects.toMatchObject({ code: 'address_refused' })
  await expect(outgoing(`other.intern:${port}`)(get(url))).rejects.toMatchObject({ code: 'address_refused' })
  expect(() => readAllowed('10.0.0.0/99')).toThrow(/“10.0.0.0\/99” is neither/)
})

test('the next address is tried where the first does not answer', async () => {
  await using server = await startSystem({ status: 200, body: 'here' })
  const call = outgoing('127.0.0.0/8', { 'two.example': ['127.0.0.9', '127.0.0.1'] })
  expect(text((await call(get(`http://two.example:${portOf(server.url)}/`))).body)).toBe('here')
})

test('a redirect is looked at like the first address', async () => {
  await using inside = await startSystem({ status: 200, body: 'secret' })
  for (const location of [inside.url, 'http://2130706433/', 'file:///etc/passwd', 'http://me:pw@a.example/']) {
    await using server = await startSystem({ status: 302, headers: { location } })
    const port = portOf(server.url)
    const call = outgoing(`open.example:${port}`)
    await expect(call(get(`http://open.example:${port}/`))).rejects.toMatchObject({ code: 'address_refused' })
  }
  expect(inside.asked).toEqual([])
})

test('five redirects are followed, a sixth is not', async () => {
  const again = { status: 307, headers: { location: '/again' } }
  await using server = await startSystem(again, again, again, again, again, { status: 200, body: 'there' })
  const call = outgoing('127.0.0.1/32')
  const put = { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } }
  expect(text((await call({ ...put, url: server.url })).body)).toBe('there')
  expect(server.asked.at(-1)).toMatchObject({ method: 'PUT', path: '/again', body: '{}' })
  await using round = await startSystem({ status: 301, headers: { location: '/' } })
  await expect(call(get(round.url))).rejects.toMatchObject({ code: 'connector_refused', message: /more than 5 times/ })
})

test('what may be a credential stays with the site it was meant for', async () => {
  await using other = await startSystem({ status: 200 })
  const location = `http://other.example:${portOf(other.url)}/`
  await using first = await startSystem(
    { status: 302, headers: { location: '/here' } },
    { status: 303, headers: { location } },
  )
  const headers = { authorization: 'Bearer me', 'X-Api-Key': 'me', cookie: 'me', accept: 'text/plain' }
  await outgoing('127.0.0.1/32')({ method: 'POST', url: first.url, headers, body: 'form' })
  expect(first.asked[1]).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer me', 'x-api-key': 'me' } })
  expect(other.asked[0]).toMatchObject({ method: 'GET', body: '', headers: { accept: 'text/plain' } })
  expect(Object.keys(other.asked[0]!.headers)).not.toEqual(expect.arrayContaining(['authorization']))
  expect(JSON.stringify(other.asked[0]!.headers)).not.toContain('"me"')
})

test('headers that say who the request is for, or that break out of their line, are refused', async () => {
  const call = outgoing('127.0.0.1/32')
  for (const headers of [{ Host: 'other' }, { 'Transfer-Encoding': 'chunked' }, { a: 'b\r\nc: d' }, { 'a b': 'c' }])
    await expect(
      call(get('http://a.example/', { headers: headers as unknown as Record<string, string> })),
    ).rejects.toMatchObject({ code: 'invalid' })
})

test('an answer that is too large ends the call, whether it says so, streams, or is packed small', async () => {
  const large = 'x'.repeat(200_000)
  const call = outgoing('127.0.0.1/32')
  await using saying = await startSystem({ status: 200, body: large })
  await expect(call(get(saying.url, { maxBytes: 1000 }))).rejects.toMatchObject({ code: 'connector_refused' })
  await using endless = await startRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const more = () => {
      while (!socket.destroyed && socket.write(large));
    }
    socket.on('drain', more)
    more()
  })
  await expect(call(get(endless.url))).rejects.toMatchObject({ message: /more than 1000000 bytes/ })
  const packed = gzipSync('x'.repeat(2_000_000))
  await using bomb = await startRaw((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`)
    socket.write(packed)
  })
  await expect(call(get(bomb.url))).rejects.toMatchObject({ message: /more than 1000000 bytes/ })
})

test('a server that is silent, drips its head or drips its body is given up', async () => {
  const call = outgoing('127.0.0.1/32')
  const drip = (socket: Socket) => {
    const timer = setInterval(() => socket.write('x'), 5)
    socket.on('close', () => clearInterval(timer))
  }
  await using silent = await startRaw(() => {})
  await using head = await startRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ')
    drip(socket)
  })
  await using body = await startRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    drip(socket)
  })
  for (const { url } of [silent, head, body])
    await expect(call(get(url, { timeoutMs: 60 }))).rejects.toMatchObject({
      code: 'connector_unavailable',
      message: /took too long/,
    })
})

test('a call that is given up from outside ends, and so does one whose line breaks', async () => {
  const call = outgoing('127.0.0.1/32')
  await using silent = await startSystem('silence')
  await expect(call(get(silent.url, { signal: AbortSignal.timeout(10) }))).rejects.toMatchObject({
    code: 'connector_unavailable',
  })
  await using cutting = await startSystem('cut')
  await expect(call(get(cutting.url))).rejects.toMatchObject({
    code: 'connector_unavailable',
    message: /does not answer/,
  })
})
