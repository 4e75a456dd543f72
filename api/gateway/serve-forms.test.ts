import { once } from 'node:events'
import { connect } from 'node:net'
import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { useGateway } from '#test/harness/gateway.ts'
import { mediaWell, said, sound } from '#test/harness/upstream-media.ts'
import { until } from '#test/harness/until.ts'

const { gateway, media } = await useGateway({ media: mediaWell })

const tenant = (model: string) =>
  gateway.tenant([{ kind: 'openai', name: 'p', baseUrl: media.url, apiKey: 'sk-1' }], [{ provider: 'p', model }])
const file = () => toFile(sound, 'call.mp3', { type: 'audio/mpeg' })

const send = (
  secret: string,
  body: string | Buffer | ReadableStream,
  headers: Record<string, string> = {},
  path = '/audio/transcriptions',
) =>
  fetch(`${gateway.openai}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, ...headers },
    body,
    duplex: 'half',
  })

const part = (head: string, body: string) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`
const model = part('name="model"', 'fast')

test.each([
  ['', 400, 'The form breaks off before its end.'],
  [model, 400, 'The form breaks off before its end.'],
  [`--b--\r\n`, 400, 'Say which model you ask: `model` is a text.'],
  [`${part('name="model"', '')}--b--`, 400, 'Say which model you ask: `model` is a text.'],
  [`${part('name="model"; name="file"', 'fast')}--b--`, 400, 'A part of the form has no name, or says it twice.'],
  [
    `${part(`name="prompt"; name*=UTF-8''model`, 'gpt-9')}--b--`,
    400,
    'A part of the form has no name, or says it twice.',
  ],
  [`${model}${part('name="stream"', 'yes')}--b--`, 400, '`stream` is true or false.'],
  [`--b\r\nX: y\r\n\r\nfast\r\n--b--`, 400, 'A part of the form does not say that it is form-data.'],
  [
    `${model}--b\r\nContent-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64\r\n\r\nZmFzdA==\r\n--b--`,
    400,
    'The part “model” is encoded; forms are sent as they are.',
  ],
])('the form %j is answered with what is wrong with it', async (body, status, message) => {
  const { secret } = await tenant('whisper-1')
  const reply = await send(secret, body, { 'content-type': 'multipart/form-data; boundary=b' })
  expect([reply.status, await reply.json()]).toMatchObject([status, { error: { message } }])
  expect(media.asked).toEqual([])
})

test('a model that is named twice is another both times, and what stands around a form is not passed on', async () => {
  const { secret } = await tenant('whisper-1')
  const twice = `before\r\n${model}${model}${part('name="file"; filename="a.mp3"', 'sound')}--b--\r\nbehind`
  const reply = await send(secret, twice, { 'content-type': 'multipart/form-data; boundary="b"' })
  expect(await reply.json()).toMatchObject({ text: said })
  const { text } = media.asked[0]!
  expect(text).toBe(twice.slice(8, -8).replaceAll('fast', 'whisper-1'))
})

test('what is no form is refused as one', async () => {
  const { secret } = await tenant('whisper-1')
  const reply = await send(secret, 'sound', { 'content-type': 'audio/mpeg' })
  expect([reply.status, await reply.json()]).toMatchObject([
    400,
    { error: { message: 'This takes a form, as multipart/form-data with a boundary.' } },
  ])
  const strange = await send('sk-aut-unknown', `${model}--b--`, { 'content-type': 'multipart/form-data; boundary=b' })
  expect(strange.status).toBe(401)
})

test('a form that is too large is refused, said or unsaid, and the connection is good for another', async () => {
  const { secret } = await tenant('whisper-1')
  const piece = Buffer.alloc(1024 * 1024, 'a')
  const form = { 'content-type': 'multipart/form-data; boundary=b' }
  const sizes = new ReadableStream({
    start(controller) {
      controller.enqueue(
        Buffer.from(`${model}--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`),
      )
      for (let n = 0; n < 65; n++) controller.enqueue(piece)
      controller.close()
    },
  })
  for (const body of [Buffer.alloc(65 * 1024 * 1024), sizes]) {
    const reply = await send(secret, body, form)
    expect([reply.status, await reply.json()]).toMatchObject([
      413,
      { error: { message: 'A form may have 67108864 bytes, and this one has more.' } },
    ])
  }
  expect(media.asked).toEqual([])
})

test('who goes away while sending a form leaves nothing behind', async () => {
  const { secret, ctx, openai } = await tenant('whisper-1')
  const { port } = new URL(gateway.openai)
  const socket = connect(Number(port), '127.0.0.1')
  const head = `POST /gateway/openai/v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${secret}\r\n`
  socket.write(`${head}content-type: multipart/form-data; boundary=b\r\ncontent-length: 9000\r\n\r\n${model}`)
  socket.write(part('name="prompt"', 'x'.repeat(1000)), () => socket.destroy())
  await once(socket, 'close')
  expect((await openai.audio.transcriptions.create({ model: 'fast', file: await file() })).text).toBe(said)
  await until('only the other is written down', async () => (await gateway.written(ctx)).length === 1)
  expect(media.asked).toHaveLength(1)
})
