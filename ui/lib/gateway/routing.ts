import type { Target } from '#schemas/gateway/routes.ts'
import { usualRouting, type Ability, type Choice, type Routing } from '#schemas/gateway/routing.ts'

export const choiceWords: Record<Choice, string> = {
  weights: 'By their weights',
  fastest: 'Whoever began to answer soonest of late',
  cheapest: 'Whoever is cheapest for what is asked',
}

export const abilityWords: Record<Ability, string> = {
  images: 'Images',
  documents: 'Documents',
  audio: 'Audio',
  tools: 'Tools',
  json: 'JSON by a schema',
  reasoning: 'Reasoning',
}

/** What sets the way of a route apart from the usual one, in a few words each. */
export function unusual(routing: Routing): string[] {
  const { choice, sticky, retries, patience, firstToken, hedge } = routing
  const said: (string | false)[] = [
    choice === 'fastest' && 'the fastest first',
    choice === 'cheapest' && 'the cheapest first',
    !sticky && 'conversations may change targets',
    retries !== usualRouting.retries &&
      (retries === 0 ? 'nobody is asked twice' : `all asked up to ${retries + 1} times`),
    patience !== usualRouting.patience && `waits up to ${patience} s`,
    firstToken !== null && `the next after ${firstToken} s of silence`,
    hedge !== null && `two at once after ${hedge} s`,
  ]
  return said.filter((one) => one !== false)
}

type Able = Pick<Target, 'abilities' | 'contextTokens' | 'region'>

/** Whether something is said of what a target can do. */
export const saysMore = ({ abilities, contextTokens, region }: Able): boolean =>
  abilities !== undefined || contextTokens !== undefined || region !== undefined

export function moreText({ abilities, contextTokens, region }: Able): string {
  const said = [
    abilities === undefined
      ? undefined
      : abilities.length === 0
        ? 'text only'
        : abilities.map((one) => abilityWords[one].toLowerCase().replace('json', 'JSON')).join(', '),
    contextTokens === undefined ? undefined : `up to ${contextTokens.toLocaleString('en')} tokens`,
    region === undefined ? undefined : `in ${region}`,
  ]
  return said.filter((one) => one !== undefined).join(' · ')
}
