import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseLead } from '#schemas/leads/index.ts'
import type { Lead } from '#schemas/leads/lead.ts'

/** A lead of a customer, as the parser makes it. */
export const leadOf = (customer: Record<string, unknown>, more: Record<string, unknown> = {}): Lead =>
  parseLead(JSON.stringify({ customer: { name: 'Dana Whitfield', ...customer }, ...more }), 'application/json').lead

type Answer = { status: number; headers?: Record<string, string>; body?: string } | 'cut' | 'silence'
export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string }

/** A system on a real socket that answers what it is told to, in order, the last answer for ever. */
export const startSystem = async (...answers: [Answer, ...Answer[]]) => {
  const asked: Asked[] = []
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request
    asked.push({ method, path: url, headers, body: await text(request) })
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    if (answer === 'cut') response.destroy()
    else if (typeof answer === 'object')
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body)
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
