import type { Definition, Node } from './definition.ts'
import type { JsonSchema } from './json.ts'

/** Which automation a step calls; without a version the one that is published at that moment. */
export type Call = { automation: string; version: string | null }

/** What a step that calls an automation sees of it. */
export type Called = { title: string; input?: JsonSchema }

/** What it is found by among all that is called. */
export const calledAs = ({ automation, version }: Call): string =>
  version === null ? automation : `${automation}@${version}`

/** What a step calls; null where it calls nothing, or does not say yet what. */
export function callOf({ kind, with: fields = {} }: Node): Call | null {
  const { automation, version } = fields
  if (kind !== 'subflow' || typeof automation !== 'string' || automation === '') return null
  return { automation, version: typeof version === 'string' && version !== '' ? version : null }
}

/** All that a document calls, and what is started when a run of it fails, each once. */
export const callsOf = ({ nodes, settings }: Definition): Call[] => {
  const follower = settings?.onFailure === undefined ? [] : [{ automation: settings.onFailure, version: null }]
  const calls = [...nodes.flatMap((node) => callOf(node) ?? []), ...follower]
  return [...new Map(calls.map((call) => [calledAs(call), call])).values()]
}
