import { json, type Behaviour } from './upstream.ts'

const head = { modelVersion: 'gemini-2.5-flash', responseId: 'gem-1' }
const usageMetadata = {
  promptTokenCount: 100,
  cachedContentTokenCount: 60,
  candidatesTokenCount: 20,
  thoughtsTokenCount: 30,
  totalTokenCount: 150,
}
const call = { functionCall: { name: 'stock', args: { z: 1 } } }
const candidate = (parts: object[], more: object = {}) => ({ content: { role: 'model', parts }, index: 0, ...more })

const whole = {
  candidates: [candidate([{ text: 'Hm.', thought: true }, { text: 'A cat.' }, call], { finishReason: 'STOP' })],
  usageMetadata,
  ...head,
}

/** A stream of Gemini's: each piece tells the usage so far, and there is no last word. */
export const geminiEvents: readonly string[] = [
  { candidates: [candidate([{ text: 'Hm.', thought: true }])], usageMetadata: { promptTokenCount: 100 } },
  { candidates: [candidate([{ text: 'A ' }])], usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 1 } },
  { candidates: [candidate([{ text: 'cat.' }])], usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 2 } },
  { candidates: [candidate([call], { finishReason: 'STOP' })], usageMetadata },
].map((chunk) => `data: ${JSON.stringify({ ...chunk, ...head })}\r\n\r\n`)

/** Answers on Gemini's wire: a thought, a text, a call; whole or as a stream. */
export const geminiWell: Behaviour = (response, { path }) => {
  if (!path.endsWith(':streamGenerateContent?alt=sse')) return json(200, whole)(response)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  return response.end(geminiEvents.join(''))
}
