import { toFile } from 'openai'
import { expect, test } from 'vitest'
import { withTenant } from '#activities/database.ts'
import { addBudget } from '#activities/gateway/store-budgets.ts'
import type { GivenProvider } from '#schemas/gateway/providers.ts'
import { useGateway } from '#test/harness/gateway.ts'
import { formOf, mediaWell, said, sound } from '#test/harness/upstream-media.ts'
import { json, well } from '#test/harness/upstream.ts'
import { until } from '#test/harness/until.ts'

const { gateway, media, other } = await useGateway({ media: mediaWell, other: well })

/** A tenant whose `fast` leads to this model at OpenAI, or at the kinds that are named, in turn. */
const tenant = (model: string, kinds: readonly GivenProvider['kind'][] = ['openai']) =>
  gateway.tenant(
    kinds.map((kind, n) => ({
      kind,
      name: `p${n}`,
      baseUrl: kind === 'anthropic' ? other.url : media.url,
      apiKey: 'sk-1',
    })),
    kinds.map((_, n) => ({ provider: `p${n}`, model })),
  )
const lot = { model: 'fast', prompt: 'The lot at night', n: 1, quality: 'low' as const }
const file = () => toFile(sound, 'call.mp3', { type: 'audio/mpeg' })

test('an image is drawn, whole and as a stream, at the price of its tokens', async () => {
  const { openai, ctx } = await tenant('gpt-image-1.5')
  const drawn = await openai.images.generate(lot)
  expect(drawn.data).toEqual([{ b64_json: 'aW1hZ2U=' }])
  expect(media.asked[0]).toMatchObject({ path: '/v1/images/generations', body: { ...lot, model: 'gpt-image-1.5' } })
  const types: string[] = []
  for await (const event of await openai.images.generate({ ...lot, stream: true, partial_images: 1 }))
    types.push(event.type)
  expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed'])
  // 10 × $5 and 50 × $8 in, 1,000 × $32 out, a million each
  const row = {
    operation: 'images',
    outcome: 'ok',
    input_tokens: 60,
    output_tokens: 1000,
    estimated: false,
    cost_nano: '32450000',
  }
  const rows = await gateway.written(ctx)
  expect(rows).toMatchObject([row, { ...row, stream: true }])
  expect(rows[0]?.apart).toEqual({ imageInput: 50, imageOutput: 1000 })
})

test('images are edited: their files come to the provider byte by byte, and nothing but the model is another', async () => {
  const { openai } = await tenant('gpt-image-1', ['anthropic', 'openai'])
  const images = await Promise.all([toFile(sound, 'one.png', { type: 'image/png' }), toFile(sound, 'two.png')])
  await openai.images.edit({ model: 'fast', prompt: 'At night, “quoted”', image: images, size: '1024x1024' })
  const form = await formOf(media.asked[0]!)
  expect([form.get('model'), form.get('prompt'), form.get('size')]).toEqual([
    'gpt-image-1',
    'At night, “quoted”',
    '1024x1024',
  ])
  const files = form.getAll('image[]') as File[]
  expect(files.map(({ name }) => name)).toEqual(['one.png', 'two.png'])
  for (const one of files) expect(Buffer.from(await one.arrayBuffer())).toEqual(sound)
  const types: string[] = []
  const streamed = await openai.images.edit({ model: 'fast', prompt: 'At night', image: images[0], stream: true })
  for await (const event of streamed) types.push(event.type)
  expect(types.at(-1)).toBe('image_edit.completed')
  await openai.images.createVariation({ model: 'fast', image: images[0] })
  expect(media.asked.map(({ path }) => path)).toEqual(['/v1/images/edits', '/v1/images/edits', '/v1/images/variations'])
  expect(other.asked).toEqual([])
})

test('what is spoken comes as the provider sends it, and as events', async () => {
  const { openai, ctx } = await tenant('gpt-4o-mini-tts')
  const asked = { model: 'fast', voice: 'alloy' as const, input: 'Two cars are on the lot.' }
  const reply = await openai.audio.speech.create(asked)
  expect(reply.headers.get('content-type')).toBe('audio/mpeg')
  expect(Buffer.from(await reply.arrayBuffer())).toEqual(sound)
  const events = await (await openai.audio.speech.create({ ...asked, stream_format: 'sse' })).text()
  expect(events).toContain('speech.audio.done')
  const rows = await gateway.written(ctx)
  expect(rows).toMatchObject([
    { operation: 'speech', outcome: 'ok', stream: false, estimated: true, input_tokens: 6, output_tokens: 34 },
    { operation: 'speech', outcome: 'ok', stream: true, estimated: false, output_tokens: 40, cost_nano: '483600' },
  ])
  expect(Number(rows[0]?.cost_nano)).toBeGreaterThan(0)
})

test('sound that breaks off has no end for who hears it, and is written down as cut', async () => {
  const { openai, ctx } = await tenant('gpt-4o-mini-tts')
  media.next((response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': '4096' })
    response.write(sound.subarray(0, 1000), () => response.destroy())
  })
  const reply = await openai.audio.speech.create({ model: 'fast', voice: 'alloy', input: 'Two cars.' })
  await expect(reply.arrayBuffer()).rejects.toThrow()
  const rows = await gateway.written(ctx)
  expect(rows).toMatchObject([{ outcome: 'cut', failure: 'broken', estimated: true }])
  expect(Number(rows[0]?.cost_nano)).toBeGreaterThan(0)
})

test.each([
  ['gpt-4o-transcribe', 'json', false, { input_tokens: 100, output_tokens: 10, cost_nano: '665000' }],
  ['whisper-1', 'json', false, { input_tokens: 360, cost_nano: '3600000' }],
  ['whisper-1', 'verbose_json', false, { input_tokens: 360, cost_nano: '3600000' }],
  ['whisper-1', 'srt', true, { input_tokens: 360, cost_nano: '3600000' }],
  ['whisper-1', 'vtt', true, { input_tokens: 360, cost_nano: '3600000' }],
  // 25 characters, of which 15 are said in a second
  ['whisper-1', 'text', true, { input_tokens: 17, cost_nano: '166667' }],
] as const)('%s hears a call and answers in %s, at its price', async (model, format, estimated, row) => {
  const { openai, ctx } = await tenant(model)
  const answer: unknown = await openai.audio.transcriptions.create({
    model: 'fast',
    file: await file(),
    response_format: format,
  })
  expect(typeof answer === 'string' ? answer : (answer as { text: string }).text).toContain(said)
  const form = await formOf(media.asked[0]!)
  expect([form.get('model'), (form.get('file') as File).name]).toEqual([model, 'call.mp3'])
  expect(Buffer.from(await (form.get('file') as File).arrayBuffer())).toEqual(sound)
  expect(await gateway.written(ctx)).toMatchObject([{ operation: 'transcriptions', outcome: 'ok', estimated, ...row }])
})

test('a transcription is streamed, and a translation passed on', async () => {
  const { openai, ctx } = await tenant('gpt-4o-transcribe')
  let text = ''
  for await (const event of await openai.audio.transcriptions.create({
    model: 'fast',
    file: await file(),
    stream: true,
  }))
    if (event.type === 'transcript.text.delta') text += event.delta
  expect(text).toBe(said)
  expect((await openai.audio.translations.create({ model: 'fast', file: await file() })).text).toBe(said)
  expect(media.asked[1]?.path).toBe('/v1/audio/translations')
  const row = { outcome: 'ok', input_tokens: 100, output_tokens: 10, cost_nano: '665000', estimated: false }
  expect(await gateway.written(ctx)).toMatchObject([
    { ...row, stream: true },
    { ...row, operation: 'translations' },
  ])
})

test('a stream of a transcription that is cut is an error to who reads it', async () => {
  const { openai, ctx } = await tenant('gpt-4o-transcribe')
  media.next((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`data: ${JSON.stringify({ type: 'transcript.text.delta', delta: 'Two' })}\n\n`)
  })
  const reading = async () => {
    const stream = await openai.audio.transcriptions.create({ model: 'fast', file: await file(), stream: true })
    for await (const event of stream) void event
  }
  await expect(reading()).rejects.toThrow('before the answer was complete')
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'cut', estimated: true }])
})

test('texts are moderated by who can, for nothing', async () => {
  const { openai, ctx } = await tenant('omni-moderation-latest')
  expect((await openai.moderations.create({ model: 'fast', input: 'I hate rust.' })).results[0]?.flagged).toBe(true)
  expect(await gateway.written(ctx)).toMatchObject([{ operation: 'moderations', outcome: 'ok', cost_nano: '0' }])
})

test('a form goes to the next provider as a whole where the first one fails', async () => {
  const { openai, ctx } = await tenant('whisper-1', ['openai', 'azure'])
  media.next(json(500, { error: { message: 'Out of memory.' } }))
  expect((await openai.audio.transcriptions.create({ model: 'fast', file: await file() })).text).toBe(said)
  const [first, second] = media.asked
  expect(second?.bytes).toEqual(first?.bytes)
  expect([second?.headers['api-key'], second?.headers['content-length']]).toEqual([
    'sk-1',
    String(second?.bytes.length),
  ])
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'ok', provider: 'p1' }])
})

test('Mistral hears what is asked for as a whole, and is left out where it would be a stream', async () => {
  const { openai, ctx } = await tenant('voxtral-mini-latest', ['mistral'])
  media.next(
    json(200, {
      model: 'voxtral-mini-2507',
      text: said,
      language: 'en',
      usage: { prompt_audio_seconds: 36, prompt_tokens: 4, completion_tokens: 8, total_tokens: 12 },
    }),
  )
  expect((await openai.audio.transcriptions.create({ model: 'fast', file: await file() })).text).toBe(said)
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'ok', output_tokens: 8, cost_nano: '1800000' }])
  const streamed = openai.audio.transcriptions.create({ model: 'fast', file: await file(), stream: true })
  await expect(streamed).rejects.toMatchObject({
    status: 404,
    code: 'operation_not_supported',
    message: expect.stringContaining('Mistral (“p0”) cannot be asked for transcriptions as a stream') as string,
  })
})

test('who cannot draw is not asked, and that is said', async () => {
  const { openai, ctx } = await tenant('claude-sonnet-4-5', ['anthropic'])
  await expect(openai.images.generate(lot)).rejects.toMatchObject({
    code: 'operation_not_supported',
    message: expect.stringContaining('Anthropic (“p0”) cannot be asked for images') as string,
  })
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'refused', operation: 'images', cost_nano: null }])
})

test('a model without a price is not free: a budget in money holds it back, and without one its cost is unknown', async () => {
  const { openai, ctx } = await tenant('tts-1')
  await openai.audio.speech.create({ model: 'fast', voice: 'alloy', input: 'Two cars.' })
  expect(await gateway.written(ctx)).toMatchObject([{ outcome: 'ok', cost_nano: null }])
  await withTenant(gateway.database.db, ctx, (tx) =>
    addBudget(tx, ctx, {
      name: 'All',
      subject: { kind: 'tenant' },
      unit: 'usd',
      limits: [{ per: 'day', limit: 100 }],
      zone: 'UTC',
    }),
  )
  const asking = () =>
    openai.audio.speech.create({ model: 'fast', voice: 'alloy', input: 'Two cars.' }).then(
      () => '',
      (error: { code: string }) => error.code,
    )
  await until('it is refused', async () => (await asking()) === 'price_unknown')
})
