import type { JsonSchema } from '#schemas/automation/definition.ts'
import { isCel, isText } from '#schemas/automation/value.ts'

/** What a field is edited with. */
export type Control =
  | 'none'
  | 'text'
  | 'long-text'
  | 'cel'
  | 'condition'
  | 'number'
  | 'switch'
  | 'choice'
  | 'duration'
  | 'time'
  | 'schedule'
  | 'zone'
  | 'code'
  | 'schema'
  | 'json'
  | 'fields'
  | 'list'
  | 'texts'
  | 'entries'
  | 'operation'
  | 'operation-input'
  | 'operations'
  | 'automation'
  | 'credential'
  | 'people'
  | 'version'
  | 'variables'
  | 'nodes'

const shown: Record<string, Control> = {
  none: 'none',
  text: 'text',
  'long-text': 'long-text',
  cel: 'cel',
  condition: 'condition',
  duration: 'duration',
  time: 'time',
  cron: 'schedule',
  zone: 'zone',
  code: 'code',
  schema: 'schema',
  json: 'json',
  operation: 'operation',
  'operation-input': 'operation-input',
  operations: 'operations',
  automation: 'automation',
  'automation-input': 'entries',
  variables: 'variables',
  nodes: 'nodes',
  people: 'people',
  credential: 'credential',
  version: 'version',
}

export function controlOf(schema: JsonSchema): Control {
  const named = shown[schema['x-show'] ?? '']
  if (named !== undefined) return named
  if (schema.enum !== undefined) return 'choice'
  if (schema.type === 'boolean') return 'switch'
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  if (schema.type === 'array') return schema.items?.type === 'object' ? 'list' : 'texts'
  if (schema.type === 'object') return schema.properties === undefined ? 'entries' : 'fields'
  return schema.type === undefined ? 'json' : 'text'
}

/** How a field is written: as it is, as an expression, or as a text with expressions in it. */
export type Mode = 'plain' | 'cel' | 'text'

/** The ways a field may be written in; the first is what it begins with. */
export function modesOf(schema: JsonSchema): Mode[] {
  const control = controlOf(schema)
  if (schema['x-plain'] === true) return ['plain']
  if (control === 'fields' || control === 'list' || control === 'variables' || control === 'operation-input')
    return ['plain']
  if (control === 'cel') return ['cel', 'plain']
  if (control === 'condition') return ['cel']
  if (control === 'json') return schema['x-show'] === 'json' ? ['plain', 'cel'] : ['cel', 'plain']
  if (control === 'text' || control === 'long-text') return ['text', 'cel']
  return ['plain', 'cel']
}

export function modeOf(schema: JsonSchema, value: unknown): Mode {
  const modes = modesOf(schema)
  if (isCel(value)) return 'cel'
  if (isText(value)) return 'text'
  if (value === undefined || value === '') return modes[0] ?? 'plain'
  return modes.includes('text') && typeof value === 'string'
    ? 'text'
    : modes.includes('plain') || modes[0] === undefined
      ? 'plain'
      : typeof value === 'string'
        ? modes[0]
        : 'plain'
}

/** A text with `{{ }}` in it is a template; without it is the text itself. */
export const textValue = (typed: string): string | { text: string } => (typed.includes('{{') ? { text: typed } : typed)

/** What is written in a field of text or expression. */
export const written = (value: unknown): string => {
  if (isCel(value)) return value.cel
  if (isText(value)) return value.text
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The same said in another way, as far as it can be. */
export function inMode(value: unknown, mode: Mode): unknown {
  const said = written(value)
  if (mode === 'cel')
    return isCel(value)
      ? value
      : {
          cel:
            said === ''
              ? ''
              : typeof value === 'string'
                ? JSON.stringify(said)
                : isText(value)
                  ? asExpression(value.text)
                  : said,
        }
  if (mode === 'text')
    return isCel(value) ? (said === '' ? '' : textValue(literal(said) ?? `{{ ${said} }}`)) : textValue(said)
  if (isCel(value)) {
    const plain = literal(said)
    return plain ?? undefined
  }
  return isText(value) ? value.text : value
}

const literal = (cel: string): string | undefined => {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(cel.trim())
  return quoted === null ? undefined : String(JSON.parse(quoted[0]))
}

const asExpression = (template: string): string => {
  const whole = /^\{\{([^{}]*)\}\}$/.exec(template.trim())
  return whole?.[1]?.trim() ?? JSON.stringify(template)
}

/** What a field says that all was taken out of. `held`: its name is a row of a list, which stays when it says nothing. */
export const emptied = (mode: Mode, held: boolean): unknown => (!held ? undefined : mode === 'cel' ? { cel: '' } : '')
