import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A model provider in a process of its own: answers at once with 1 kB, or as a stream whose first word takes 50 ms and each of
 * the 20 after it 10 ms more. It does no more than that, so that it never is what is measured.
 */
const usage = '"usage":{"prompt_tokens":200,"completion_tokens":100,"total_tokens":300}'
const head = '{"id":"chatcmpl-bench","object":"chat.completion","created":1795000000,"model":"gpt-5-mini-2025-08-07"'
const whole = Buffer.from(
  `${head},"choices":[{"index":0,"message":{"role":"assistant","content":"${'word '.repeat(150)}"},"finish_reason":"stop"}],${usage}}`,
)
const chunk = (choices: string, more = '') =>
  `data: ${head.replace('completion"', 'completion.chunk"')},"choices":[${choices}]${more}}\n\n`
const words = Array.from({ length: 20 }, (_, n) =>
  chunk(`{"index":0,"delta":{"content":"word ${n} "},"finish_reason":null}`),
)
const last = `${chunk('{"index":0,"delta":{},"finish_reason":"stop"}')}${chunk('', `,${usage}`)}data: [DONE]\n\n`

const server = createServer((request, response) => {
  let stream = false
  request.on('data', (piece: Buffer) => (stream ||= piece.includes('"stream":true')))
  request.on('end', () => {
    if (!stream) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length }).end(whole)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let said = 0
    const say = () => {
      const word = words[said++]
      if (word === undefined) return response.end(last)
      response.write(word)
      return setTimeout(say, 10)
    }
    setTimeout(say, 50)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
