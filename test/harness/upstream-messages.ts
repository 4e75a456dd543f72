import type { ServerResponse } from 'node:http'
import { events, reply } from '#schemas/gateway/wires/fixtures/messages.ts'
import { json, type Behaviour } from './upstream.ts'

/** Answers on Anthropic's wire as recorded: a thought, a text with its source, a call; whole or as a stream. */
export const messagesWell: Behaviour = (response, { path, body }) => {
  if (path.endsWith('/count_tokens')) return json(200, { input_tokens: 2095 })(response)
  if (body['stream'] !== true) return json(200, reply, { 'request-id': 'req_1' })(response)
  begin(response)
  for (const event of messagesEvents) response.write(event)
  return response.end()
}

const begin = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })

const framed = (event: { type: string }): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

/** The recorded events as they are sent, a ping among them. */
export const messagesEvents: readonly string[] = [
  ...events.slice(0, 1).map(framed),
  framed({ type: 'ping' }),
  ...events.slice(1).map(framed),
]

/** Sends events of a stream up to and with the first that has `text` in it, and then does what `after` does. */
export const messagesUntil =
  (text: string, after: (response: ServerResponse) => void): Behaviour =>
  (response) => {
    begin(response)
    const last = messagesEvents.findIndex((event) => event.includes(text))
    for (const event of messagesEvents.slice(0, last + 1)) response.write(event)
    response.write(': \n\n', () => after(response))
  }
