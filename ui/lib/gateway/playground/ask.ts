import type { PlaygroundAnswer } from '#schemas/gateway/playgrounds.ts'
import { isProblem, readProblem, unreachable } from '../../problem.ts'
import { adviceOf, Events, take } from './answer.ts'
import type { Question } from './question.ts'

/**
 * Asks one model and fills `answer` as it comes; what goes wrong stands in it. `began` is called once the request has a
 * name. Ends when nothing more comes.
 */
export async function ask(
  question: Question,
  answer: PlaygroundAnswer,
  signal: AbortSignal,
  began: () => void,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<void> {
  const from = performance.now()
  try {
    const response = await fetch('/v1/gateway/playground/answers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify({ ...question, stream: true, stream_options: { include_usage: true } }),
      signal,
    }).catch((error: unknown) => {
      throw signal.aborted ? error : unreachable()
    })
    if (!response.ok) throw await readProblem(response)
    const header = (name: string) => response.headers.get(name)
    answer.request = header('x-auterity-request') || null
    answer.provider = header('x-auterity-provider')
    answer.served = header('x-auterity-model')
    answer.unsaid = (header('x-auterity-unsaid') ?? '')
      .split(' ')
      .filter((path) => path !== '')
      .slice(0, 50)
    began()
    await listen(response, answer, from)
    if (answer.state === 'asking') answer.state = answer.finish === null ? 'failed' : 'done'
    if (answer.state === 'failed') answer.error ??= { title: 'The answer broke off.', detail: 'Send it again.' }
  } catch (error) {
    if (signal.aborted) answer.state = 'stopped'
    else fail(answer, error)
  } finally {
    answer.totalMs = performance.now() - from
  }
}

const listen = async ({ body }: Response, answer: PlaygroundAnswer, from: number): Promise<void> => {
  if (body === null) return
  const events = new Events()
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read())
    for (const data of events.push(read.value)) if (take(answer, data)) answer.firstMs ??= performance.now() - from
}

const fail = (answer: PlaygroundAnswer, error: unknown): void => {
  answer.state = 'failed'
  if (!isProblem(error)) {
    answer.error = { title: 'The answer broke off.', detail: 'Send it again.' }
    return
  }
  const { modelRequest, modelCode, provider } = error.extra
  if (typeof modelRequest === 'string') answer.request = modelRequest
  if (typeof provider === 'string') answer.provider = provider
  const told = [error.detail, adviceOf(modelCode)].filter((one) => one !== null && one !== undefined)
  answer.error = { title: error.title, detail: told.length === 0 ? null : told.join(' ').slice(0, 4000) }
}
