import { createHash, createHmac } from 'node:crypto'
import { frameOfEvent } from '#schemas/gateway/wires/converse/index.ts'
import { json, type Asked, type Behaviour } from './upstream.ts'

const usage = {
  inputTokens: 12,
  outputTokens: 46,
  totalTokens: 1158,
  cacheReadInputTokens: 1000,
  cacheWriteInputTokens: 100,
}
const call = { toolUseId: 'tooluse_1', name: 'stock' }

const whole = {
  output: { message: { role: 'assistant', content: [{ text: 'A cat.' }, { toolUse: { ...call, input: { z: 1 } } }] } },
  stopReason: 'tool_use',
  usage,
  metrics: { latencyMs: 400 },
}

/** A stream of Converse, in the binary frames of AWS. */
export const bedrockFrames: readonly Uint8Array[] = [
  ['messageStart', { role: 'assistant' }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'A ' } }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'cat.' } }],
  ['contentBlockStop', { contentBlockIndex: 0 }],
  ['contentBlockStart', { contentBlockIndex: 1, start: { toolUse: call } }],
  ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '{"z":1}' } } }],
  ['contentBlockStop', { contentBlockIndex: 1 }],
  ['messageStop', { stopReason: 'tool_use' }],
  ['metadata', { usage, metrics: { latencyMs: 400 } }],
].map(([event, data]) => frameOfEvent({ event: event as string, data: JSON.stringify(data) }))

/** Answers on Bedrock's wire: a text and a call, whole or in frames. */
export const bedrockWell: Behaviour = (response, { path }) => {
  if (!path.endsWith('/converse-stream')) return json(200, whole)(response)
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
  for (const frame of bedrockFrames) response.write(frame)
  return response.end()
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const encode = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/** The `authorization` that a request of this key should have, as "Create a signed AWS API request" tells to make it. */
export const authorizationOf = ({ path, headers, text }: Asked, id: string, secret: string): string => {
  const given = headers as Record<string, string>
  const [, scope = '', names = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+),/.exec(given['authorization'] ?? '') ?? []
  const time = given['x-amz-date'] ?? ''
  const said = names.split(';').map((name) => `${name}:${given[name]?.trim()}\n`)
  const canonical = ['POST', encode(path), '', said.join(''), names, hash(text)].join('\n')
  const [day = '', region = '', service = '', end = ''] = scope.split('/')
  const key = [region, service, end].reduce<string | Buffer>(
    (before, part) => hmac(before, part),
    hmac(`AWS4${secret}`, day),
  )
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n')).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`
}
