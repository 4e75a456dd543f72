import type { Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Choice, type Routing } from '#schemas/gateway/routing.ts'
import type { Capability } from '#schemas/steering/actions.ts'

export const choiceWords: Record<Choice, string> = {
  weights: 'By their weights',
  fastest: 'Whoever began to answer soonest of late',
  cheapest: 'Whoever is cheapest for what is asked',
}

export const capabilityWords: Record<Capability, string> = {
  vision: 'Images',
  audio: 'Audio',
  files: 'Documents',
  tools: 'Tools',
  structured: 'JSON by a schema',
  reasoning: 'Reasoning',
  streaming: 'Streams',
}

/** What sets the way of a route apart from the usual one, in a few words each. */
export function unusual(routing: Routing): string[] {
  const { choice, sticky, retries, patience, firstToken, hedge, cache } = routing
  const said: (string | false)[] = [
    choice === 'fastest' && 'the fastest first',
    choice === 'cheapest' && 'the cheapest first',
    !sticky && 'conversations may change targets',
    retries !== usualRouting.retries &&
      (retries === 0 ? 'nobody is asked twice' : `all asked up to ${retries + 1} times`),
    patience !== usualRouting.patience && `waits up to ${patience} s`,
    firstToken !== null && `the next after ${firstToken} s of silence`,
    hedge !== null && `two at once after ${hedge} s`,
    cache !== null &&
      (cache.mode === 'off' ? 'never cached' : cache.mode === 'exact' ? 'cached' : 'cached, nearly the same too'),
  ]
  return said.filter((one) => one !== false)
}

type Able = Pick<Target, 'capabilities' | 'context' | 'region'>

/** Whether something is said of what a target can do. */
export const saysMore = ({ capabilities, context, region }: Able): boolean =>
  capabilities !== undefined || context !== undefined || region !== undefined

export function moreText({ capabilities, context, region }: Able): string {
  const said = [
    capabilities === undefined
      ? undefined
      : capabilities.length === 0
        ? 'text only'
        : capabilities.map((one) => capabilityWords[one].toLowerCase().replace('json', 'JSON')).join(', '),
    context === undefined ? undefined : `up to ${context.toLocaleString('en')} tokens`,
    region === undefined ? undefined : `in ${region}`,
  ]
  return said.filter((one) => one !== undefined).join(' · ')
}
