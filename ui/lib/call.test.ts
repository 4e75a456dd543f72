import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, whenUnauthenticated } from './call.ts'

let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => answer(request, response, body))
})
let origin = ''
/** In the browser the address is of the page's own site. */
const fetchHere: typeof fetch = (path, init) => fetch(`${origin}${path as string}`, init)
const here = { fetch: fetchHere }
const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
  response.end(JSON.stringify(body))
}

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('fills the path, sends a query, and gives back what came', async () => {
  answer = (request, response) => json(response, 200, { items: [], next: request.url })
  const page = await call('GET /v1/runs', {}, { state: 'failed', text: 'a b' }, here)
  expect(page.next).toBe('/v1/runs?state=failed&text=a+b')
})

test('sends a body with a fresh Idempotency-Key, or the one given', async () => {
  const seen: (string | undefined)[] = []
  answer = (request, response, body) => {
    seen.push(request.url, request.headers['idempotency-key'] as string, body)
    json(response, 200, {})
  }
  const sent = { decision: 'approve' } as const
  await call('POST /v1/approvals/:approval/decide', { approval: 'a/b' }, sent, here)
  await call('POST /v1/approvals/:approval/decide', { approval: 'x' }, sent, { ...here, idempotencyKey: 'mine' })
  expect(seen[0]).toBe('/v1/approvals/a%2Fb/decide')
  expect(seen[1]).toMatch(/^[0-9a-f]{32}$/)
  expect(seen[2]).toBe('{"decision":"approve"}')
  expect(seen[4]).toBe('mine')
})

test('a refusal is a Problem with its code, detail, request id and fields', async () => {
  answer = (_, response) =>
    json(response, 422, {
      title: 'Some fields are not acceptable.',
      code: 'invalid',
      detail: 'Look again.',
      requestId: 'req_1',
      issues: [{ path: '/body/email', message: 'is no address' }],
    })
  const refused = await call('POST /v1/session', {}, { email: 'x', password: 'y' }, here).catch(
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 'invalid', status: 422, detail: 'Look again.', requestId: 'req_1' })
  expect((refused as { on: (field: string) => string }).on('email')).toBe('is no address')
})

test('a page of a proxy in place of a problem, and no answer at all, are Problems too', async () => {
  answer = (_, response) => response.writeHead(502, { 'x-request-id': 'req_2' }).end('<h1>Bad gateway</h1>')
  await expect(call('GET /v1/me', {}, undefined, here)).rejects.toMatchObject({ status: 502, requestId: 'req_2' })
  answer = (request) => request.socket.destroy()
  await expect(call('GET /v1/me', {}, undefined, here)).rejects.toMatchObject({ code: 'unavailable', status: 0 })
})

test('being signed out is told to the shell; a wrong password is not that', async () => {
  let told = 0
  whenUnauthenticated(() => told++)
  answer = (_, response) => json(response, 401, { code: 'bad_credentials' })
  await call('POST /v1/session', {}, { email: 'x', password: 'y' }, here).catch(() => {})
  expect(told).toBe(0)
  answer = (_, response) => json(response, 401, { code: 'unauthenticated' })
  await call('GET /v1/me', {}, undefined, here).catch(() => {})
  expect(told).toBe(1)
})

test('no content is null', async () => {
  answer = (_, response) => response.writeHead(204).end()
  expect(await call('DELETE /v1/session', {}, undefined, here)).toBeNull()
})
