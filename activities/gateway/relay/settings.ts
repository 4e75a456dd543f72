import type { KindName } from '#schemas/gateway/kinds/index.ts'
import type { Operation } from '#schemas/gateway/kinds/kind.ts'
import { efforts, type Dialogue, type Effort } from '#schemas/gateway/wires/dialogue.ts'
import { spanOf, valueAt } from '#schemas/gateway/wires/splice.ts'
import type { Parameter } from '#schemas/steering/actions.ts'
import type { Decision } from '#schemas/steering/decision.ts'
import { isObject } from '#schemas/automation/json.ts'
import type { Asked } from './asked.ts'

/** What rules have set of a request, by parameter. */
export type Settings = Decision['set']

type Members = Record<string, unknown>
type Write = (value: unknown, asked: Asked, kind: KindName) => Members

const as =
  (key: string): Write =>
  (value) => ({ [key]: value })

/** A member of a member: what else stands in that stays. */
const within =
  (outer: string, key: string): Write =>
  (value, { bytes, scanned }) => {
    const given = valueAt(bytes, scanned, outer)
    return { [outer]: { ...(isObject(given) ? given : {}), [key]: value } }
  }

/** OpenAI's own models know the longer name alone, many servers like it only the shorter. */
const chatTokens: Write = (value, { scanned }, kind) => {
  const said = ['max_completion_tokens', 'max_tokens'].filter((key) => spanOf(scanned, key) !== undefined)
  const usual = kind === 'openai' || kind === 'azure' ? 'max_completion_tokens' : 'max_tokens'
  return Object.fromEntries((said.length === 0 ? [usual] : said).map((key) => [key, value]))
}

const messagesEffort: Write = (value, ...at) =>
  value === 'none'
    ? { thinking: { type: 'disabled' } }
    : within('output_config', 'effort')(value === 'minimal' ? 'low' : value, ...at)

const messagesTools: Write = (value, asked) => {
  if (spanOf(asked.scanned, 'tools') === undefined) return {}
  const given = valueAt(asked.bytes, asked.scanned, 'tool_choice')
  return { tool_choice: { ...(isObject(given) ? given : { type: 'auto' }), disable_parallel_tool_use: value !== true } }
}

const tiers: Record<string, string> = { auto: 'auto', default: 'standard_only' }
const messagesTier: Write = (value) => {
  const tier = tiers[String(value)]
  return tier === undefined ? {} : { service_tier: tier }
}

/** How each wire says a parameter; what it has no word for is left as it was. */
const words: Record<Operation, Partial<Record<Parameter, Write>>> = {
  chat: {
    temperature: as('temperature'),
    topP: as('top_p'),
    maxTokens: chatTokens,
    effort: as('reasoning_effort'),
    verbosity: as('verbosity'),
    serviceTier: as('service_tier'),
    seed: as('seed'),
    parallelTools: as('parallel_tool_calls'),
  },
  responses: {
    temperature: as('temperature'),
    topP: as('top_p'),
    maxTokens: as('max_output_tokens'),
    effort: within('reasoning', 'effort'),
    verbosity: within('text', 'verbosity'),
    serviceTier: as('service_tier'),
    parallelTools: as('parallel_tool_calls'),
  },
  completions: { temperature: as('temperature'), topP: as('top_p'), maxTokens: as('max_tokens'), seed: as('seed') },
  messages: {
    temperature: (value) => ({ temperature: Math.min(1, Number(value)) }),
    topP: as('top_p'),
    maxTokens: as('max_tokens'),
    effort: messagesEffort,
    serviceTier: messagesTier,
    parallelTools: messagesTools,
  },
  embeddings: {},
  count_tokens: {},
  moderations: {},
  images: {},
  image_edits: {},
  image_variations: {},
  speech: {},
  transcriptions: {},
  translations: {},
}

/** What to set in the body for a provider of the same wire, as JSON texts. */
export function settingMembers(settings: Settings, asked: Asked, kind: KindName): Record<string, string> {
  const members: Record<string, string> = {}
  for (const [parameter, value] of Object.entries(settings)) {
    const written = words[asked.operation][parameter as Parameter]?.(value, asked, kind) ?? {}
    for (const [key, one] of Object.entries(written)) members[key] = JSON.stringify(one)
  }
  return members
}

const isEffort = (value: unknown): value is Effort => (efforts as readonly unknown[]).includes(value)

/** The same for providers of other wires. */
export function withSettings(dialogue: Dialogue, settings: Settings): Dialogue {
  const { effort, serviceTier, trim: _, ...alike } = settings
  return {
    ...dialogue,
    ...(alike as Partial<Dialogue>),
    ...(typeof serviceTier === 'string' ? { tier: serviceTier } : {}),
    ...(effort === 'none' ? { thinking: { mode: 'off' as const } } : {}),
    ...(isEffort(effort) ? { thinking: { ...dialogue.thinking, mode: 'auto' as const, effort } } : {}),
  }
}
