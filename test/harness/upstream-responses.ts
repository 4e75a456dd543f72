import { events, reply } from '#schemas/gateway/wires/fixtures/responses.ts'
import { json, type Behaviour } from './upstream.ts'

/** The recorded events of a stream of responses, as they are sent. */
export const responsesEvents: readonly string[] = events.map(
  (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
)

/** Answers `/responses` as recorded: a thought, a text, a call; whole or as a stream. */
export const responsesWell: Behaviour = (response, { body }) => {
  if (body['stream'] !== true) return json(200, reply)(response)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  return response.end(responsesEvents.join(''))
}

/** Answers `/completions`, the wire of before chat. */
export const completionsWell: Behaviour = (response, { body }) => {
  const head = { id: 'cmpl-1', object: 'text_completion', created: 1_795_000_000, model: 'gpt-3.5-turbo-instruct' }
  const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
  const choice = (text: string, finish_reason: string | null) => ({ text, index: 0, logprobs: null, finish_reason })
  if (body['stream'] !== true) return json(200, { ...head, choices: [choice(' two.', 'stop')], usage })(response)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of [{ choices: [choice(' two.', 'stop')] }, { choices: [], usage }])
    response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`)
  return response.end('data: [DONE]\n\n')
}
