import type { PlaygroundContent, PlaygroundTurn } from '#schemas/gateway/playgrounds.ts'

export type Message = { role: string; content?: unknown; tool_calls?: unknown; tool_call_id?: string }
/** A question on the wire of OpenAI's chat completions. */
export type Question = Record<string, unknown> & { model: string; messages: Message[] }

/** What was typed as JSON and is none, or none that fits; null where all of it can be sent. */
export function problemsOf({ tools, schema }: Pick<PlaygroundContent, 'tools' | 'schema'>): {
  tools: string | null
  schema: string | null
} {
  return {
    tools: problemOf(tools, isTools, toolsWanted),
    schema: problemOf(schema, isObject, 'A schema is a JSON object.'),
  }
}

const toolsWanted = 'Tools are a JSON list, each {"type": "function", "function": {"name": …, "parameters": …}}.'
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTools = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((tool) => isObject(tool) && isObject(tool['function']) && typeof tool['function']['name'] === 'string')

const problemOf = (text: string, fits: (value: unknown) => boolean, wanted: string): string | null => {
  if (text.trim() === '') return null
  try {
    return fits(JSON.parse(text)) ? null : wanted
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : ''}`
  }
}

/** What the model of a column is asked: all turns up to the last, with its own answers between them. */
export function questionOf(content: PlaygroundContent, column: number): Question {
  const { system, models, parameters, tools, schema, turns } = content
  const { temperature, topP, maxTokens, effort, seed, stop } = parameters
  const messages: Message[] = [
    ...(system.trim() === '' ? [] : [{ role: 'system', content: system }]),
    ...turns.flatMap((turn, at) => messagesOf(turn, column, at === turns.length - 1)),
  ]
  return {
    model: models[column] ?? '',
    messages,
    ...given({
      temperature,
      top_p: topP,
      max_completion_tokens: maxTokens,
      reasoning_effort: effort,
      seed,
      stop: stop.length === 0 ? null : stop,
      tools: tools.trim() === '' ? null : (JSON.parse(tools) as unknown),
      response_format:
        schema.trim() === ''
          ? null
          : { type: 'json_schema', json_schema: { name: 'answer', schema: JSON.parse(schema) as unknown } },
    }),
  }
}

const given = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))

/** A column that was not asked then, or not answered, has not heard that turn. */
const messagesOf = ({ text, images, answers }: PlaygroundTurn, column: number, isLast: boolean): Message[] => {
  const answer = answers[column] ?? null
  const asked = text === '' && images.length === 0 ? [] : [{ role: 'user', content: contentOf(text, images) }]
  if (isLast) return asked
  if (answer === null || (answer.text === '' && answer.calls.length === 0)) return []
  const calls = answer.calls.map(({ id, name, arguments: wanted }) => ({
    id,
    type: 'function',
    function: { name, arguments: wanted },
  }))
  return [
    ...asked,
    {
      role: 'assistant',
      content: answer.text === '' ? null : answer.text,
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    // a model wants to hear of each tool that it called
    ...answer.calls.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result ?? '' })),
  ]
}

const contentOf = (text: string, images: readonly string[]): unknown =>
  images.length === 0
    ? text
    : [
        ...(text === '' ? [] : [{ type: 'text', text }]),
        ...images.map((url) => ({ type: 'image_url', image_url: { url } })),
      ]

/** What a conversation is called until somebody gives it a name. */
export const nameOf = (text: string): string => {
  const line = text.trim().split('\n')[0]?.trim() ?? ''
  if (line === '') return 'A conversation'
  return line.length <= 60 ? line : `${line.slice(0, 59).trimEnd()}…`
}
