import { isObject, type Json } from '#schemas/automation/json.ts'
import { operations } from '#schemas/connectors/operations.ts'

/** What a model asked of a tool: by its title, and with what, in words. */
export type ToolUsed = { title: string; given: string }

/** What the output of an AI step says of the tools that it used, in order; none for other steps. */
export function toolsUsed(kind: string, output: unknown): ToolUsed[] {
  if (kind !== 'ai' || !isObject(output) || !Array.isArray(output['tools'])) return []
  return output['tools'].flatMap((one: Json) => {
    if (!isObject(one) || typeof one['name'] !== 'string') return []
    return [{ title: operations[one['name']]?.title ?? one['name'], given: inWords(one['input'] ?? null) }]
  })
}

const inWords = (input: Json): string =>
  isObject(input)
    ? Object.entries(input)
        .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(', ')
    : ''
