/** A line of a batch with what became of it; `answer` is JSON, in one line. */
export type ResultLine = {
  batch: string
  n: number
  custom: string
  state: 'succeeded' | 'errored' | 'canceled' | 'expired'
  status: number | null
  request: string | null
  answer: string | null
}

const unasked = {
  canceled: { code: 'batch_cancelled', message: 'This request was not asked before the batch was cancelled.' },
  expired: { code: 'batch_expired', message: 'This request was not answered before the batch expired.' },
}

/** As it stands in the output or error file of OpenAI: what was not asked has no response. */
const inOpenai = ({ batch, n, custom, state, status, request, answer }: ResultLine): string => {
  const response =
    answer === null
      ? 'null'
      : `{"status_code":${status ?? 0},"request_id":${JSON.stringify(request ?? '')},"body":${answer}}`
  const error = state === 'canceled' || state === 'expired' ? JSON.stringify(unasked[state]) : 'null'
  const id = `batch_req_${batch.slice(batch.indexOf('_') + 1)}_${n}`
  return `{"id":"${id}","custom_id":${JSON.stringify(custom)},"response":${response},"error":${error}}\n`
}

const inAnthropic = ({ custom, state, answer }: ResultLine): string => {
  const more = state === 'succeeded' ? `,"message":${answer}` : state === 'errored' ? `,"error":${answer}` : ''
  return `{"custom_id":${JSON.stringify(custom)},"result":{"type":"${state}"${more}}}\n`
}

/** A line of what a batch has come to, with its end, in the words of the wire that it was asked on. */
export const resultLine = (wire: 'chat' | 'messages', line: ResultLine): string =>
  wire === 'chat' ? inOpenai(line) : inAnthropic(line)
