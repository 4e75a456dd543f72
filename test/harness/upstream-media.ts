import { json, type Asked, type Behaviour } from './upstream.ts'

/** The bytes of a pretended sound: none of them is text. */
export const sound = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7 + 255) % 256))

export const imageUsage = {
  input_tokens: 60,
  input_tokens_details: { text_tokens: 10, image_tokens: 50 },
  output_tokens: 1000,
  total_tokens: 1060,
}
const image = { b64_json: 'aW1hZ2U=', created_at: 1_795_000_000, size: '1024x1024', quality: 'low' }
const heard = {
  type: 'tokens',
  input_tokens: 100,
  input_token_details: { text_tokens: 10, audio_tokens: 90 },
  output_tokens: 10,
  total_tokens: 110,
}
export const said = 'Two cars are on the lot.'
const subtitles = {
  srt: `1\n00:00:00,000 --> 00:00:36,000\n${said}\n\n`,
  vtt: `WEBVTT\n\n00:00.000 --> 00:36.000\n${said}\n\n`,
}

/** What a form says, read by a parser that is not ours. */
export const formOf = ({ headers, bytes }: Asked): Promise<FormData> =>
  new Response(new Uint8Array(bytes), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData()

const events = (response: Parameters<Behaviour>[0], all: readonly object[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of all) response.write(`data: ${JSON.stringify(event)}\n\n`)
  response.end()
}

const draws = (response: Parameters<Behaviour>[0], name: string, streams: boolean): void => {
  if (!streams)
    return json(200, { created: 1_795_000_000, data: [{ b64_json: image.b64_json }], usage: imageUsage })(response)
  return events(response, [
    { type: `${name}.partial_image`, partial_image_index: 0, ...image },
    { type: `${name}.completed`, ...image, usage: imageUsage },
  ])
}

const hears = (response: Parameters<Behaviour>[0], form: FormData): void => {
  const fieldOf = (name: string, usual: string) => {
    const value = form.get(name)
    return typeof value === 'string' ? value : usual
  }
  const [format, model, text] = [fieldOf('response_format', 'json'), fieldOf('model', ''), said]
  if (form.get('stream') === 'true')
    return events(response, [
      { type: 'transcript.text.delta', delta: 'Two cars ' },
      { type: 'transcript.text.delta', delta: 'are on the lot.' },
      { type: 'transcript.text.done', text, usage: heard },
    ])
  const bySeconds = model.startsWith('whisper')
  if (format === 'verbose_json')
    return json(200, { task: 'transcribe', language: 'english', duration: 36, text })(response)
  if (format === 'json')
    return json(200, { text, usage: bySeconds ? { type: 'duration', seconds: 36 } : heard })(response)
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(format === 'text' ? `${text}\n` : subtitles[format as 'srt' | 'vtt'])
}

/** Answers all that OpenAI has beside texts, as its API reference says. */
export const mediaWell: Behaviour = (response, asked) => {
  const { path, body } = asked
  const at = path.slice(path.indexOf('/v1') + 3)
  if (at === '/moderations')
    return json(200, {
      id: 'modr-1',
      model: 'omni-moderation-latest',
      results: [{ flagged: true, categories: {}, category_scores: {} }],
    })(response)
  if (at === '/images/generations') return draws(response, 'image_generation', body['stream'] === true)
  if (at === '/audio/speech' && body['stream_format'] === 'sse')
    return events(response, [
      { type: 'speech.audio.delta', audio: sound.toString('base64') },
      { type: 'speech.audio.done', usage: { input_tokens: 6, output_tokens: 40, total_tokens: 46 } },
    ])
  if (at === '/audio/speech') {
    response.writeHead(200, { 'content-type': 'audio/mpeg' })
    response.write(sound.subarray(0, 1000))
    return response.end(sound.subarray(1000))
  }
  return void formOf(asked).then((form) =>
    at.startsWith('/images/') ? draws(response, 'image_edit', form.get('stream') === 'true') : hears(response, form),
  )
}
