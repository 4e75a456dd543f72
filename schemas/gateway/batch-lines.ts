import { isObject } from '../automation/json.ts'

/** What of OpenAI's a batch may ask, by the address that its lines name. */
export const endpoints = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/completions': 'completions',
  '/v1/embeddings': 'embeddings',
  '/v1/moderations': 'moderations',
  '/v1/images/generations': 'images',
} as const
export type Endpoint = keyof typeof endpoints
export const endpointNames = Object.keys(endpoints) as [Endpoint, ...Endpoint[]]

/** The most lines of a batch, bytes of a file, and bytes that the files of a tenant have in all. */
export const fileLimits = { lines: 50_000, bytes: 100 * 1024 * 1024, perTenant: 2 * 1024 ** 3 } as const
/** The most problems of a batch that are told. */
const mostProblems = 100

/** Why a line cannot be asked; `line` counts from one, and is null for what is wrong with all of it. */
export type LineProblem = { line: number | null; code: string; message: string; param: string | null }
export type Line = { custom: string; body: string }

const longest = 512

/** A line of a batch of OpenAI's, or what is wrong with it. */
const readLine = (text: string, endpoint: string): Line | Omit<LineProblem, 'line'> => {
  const wrong = (code: string, message: string, param: string | null = null) => ({ code, message, param })
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return wrong('invalid_json_line', 'This line is not JSON.')
  }
  if (!isObject(line)) return wrong('invalid_json_line', 'This line is not a JSON object.')
  const { custom_id: custom, method, url, body } = line
  if (typeof custom !== 'string' || custom === '' || custom.length > longest)
    return wrong('missing_required_parameter', `Each line has a custom_id of 1 to ${longest} characters.`, 'custom_id')
  if (method !== 'POST') return wrong('invalid_method', 'The method of a line is POST.', 'method')
  if (url !== endpoint) return wrong('mismatched_url', `The url of each line is that of the batch, ${endpoint}.`, 'url')
  const why = bodyProblem(body)
  return why === null ? { custom, body: JSON.stringify(body) } : wrong('invalid_request', why.message, why.param)
}

/** Why a body cannot be asked in a batch at all. */
export const bodyProblem = (body: unknown): { message: string; param: string } | null => {
  if (!isObject(body)) return { message: 'Each line has a body, which is an object.', param: 'body' }
  const { model, stream } = body
  if (typeof model !== 'string' || model === '')
    return { message: 'Each body says which model it asks.', param: 'body.model' }
  if (stream !== undefined && stream !== null && stream !== false)
    return { message: 'What waits in a batch is not streamed.', param: 'body.stream' }
  return null
}

/** Checks the lines of a file one by one, in their order. */
export class LineChecker {
  readonly #endpoint: string
  readonly #known = new Set<string>()
  readonly problems: LineProblem[] = []
  #at = 0

  constructor(endpoint: string) {
    this.#endpoint = endpoint
  }

  /** How many lines are good. */
  get count(): number {
    return this.#known.size
  }

  /** The line, if it can be asked; null also for one that is empty. */
  check(text: string): Line | null {
    this.#at++
    if (text.trim() === '') return null
    const read = readLine(text, this.#endpoint)
    if ('code' in read) return this.#wrong(read)
    if (this.#known.has(read.custom))
      return this.#wrong({
        code: 'duplicate_custom_id',
        message: `The custom_id “${read.custom.slice(0, 80)}” stands in an earlier line already.`,
        param: 'custom_id',
      })
    this.#known.add(read.custom)
    if (this.#known.size === fileLimits.lines + 1) this.problems.push({ ...tooMany, line: this.#at })
    return read
  }

  /** Says that there are no more lines. */
  close(): void {
    if (this.#known.size === 0 && this.problems.length === 0)
      this.problems.push({ line: null, code: 'empty_file', message: 'The file has no lines.', param: null })
  }

  #wrong(why: Omit<LineProblem, 'line'>): null {
    if (this.problems.length < mostProblems) this.problems.push({ line: this.#at, ...why })
    return null
  }
}

const tooMany = {
  code: 'too_many_lines',
  message: `A batch has ${fileLimits.lines} lines at the most.`,
  param: null,
} as const
