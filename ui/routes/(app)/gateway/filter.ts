import type { ModelRequest, Outcome } from '#schemas/gateway/requests.ts'
import { outcomeWords } from '#ui/lib/gateway/words.ts'

export type RequestFilter = {
  outcome: Outcome | ''
  key: string
  run: string
  model: string
  cache: '' | 'hit' | 'miss'
}
export const noFilter: RequestFilter = { outcome: '', key: '', run: '', model: '', cache: '' }

export const cacheOptions = [
  { value: '', label: 'Cached or not' },
  { value: 'hit', label: 'From the cache' },
  { value: 'miss', label: 'Looked up, and asked' },
]

export const outcomeOptions = [
  { value: '', label: 'Any outcome' },
  ...Object.entries(outcomeWords).map(([value, { word }]) => ({ value, label: word })),
]

/** Reads the filter out of an address; what it does not know is left out. */
export const readFilter = (params: Pick<URLSearchParams, 'get'>): RequestFilter => {
  const outcome = params.get('outcome') ?? ''
  const cache = params.get('cache') ?? ''
  return {
    outcome: Object.hasOwn(outcomeWords, outcome) ? (outcome as Outcome) : '',
    key: params.get('key') ?? '',
    run: params.get('run') ?? '',
    model: params.get('model') ?? '',
    cache: cache === 'hit' || cache === 'miss' ? cache : '',
  }
}

/** The filter as the API takes it: what is set. */
export const askedOf = ({ outcome, key, run, model, cache }: RequestFilter) => ({
  ...(outcome === '' ? {} : { outcome }),
  ...(key === '' ? {} : { key }),
  ...(run === '' ? {} : { run }),
  ...(model === '' ? {} : { model }),
  ...(cache === '' ? {} : { cache }),
})

/** Does a live request belong in the list? Says the same as the API does. */
export const passes = (request: ModelRequest, { outcome, key, run, model, cache }: RequestFilter): boolean =>
  (outcome === '' || request.outcome === outcome) &&
  (key === '' || request.key?.id === key) &&
  (run === '' || request.run === run) &&
  (model === '' || request.asked === model || request.model === model) &&
  (cache === '' || (request.cache !== null && (request.cache.how === 'miss') === (cache === 'miss')))

/** The models to choose from: those of the routes, those that were asked for or answered, and the one that is chosen. */
export const modelOptions = (aliases: readonly string[], rows: readonly ModelRequest[], chosen: string) => [
  { value: '', label: 'Any model' },
  ...[...new Set([...aliases, ...rows.flatMap(({ asked, model }) => [asked, model ?? '']), chosen])]
    .filter((name) => name !== '')
    .toSorted((a, b) => a.localeCompare(b))
    .map((name) => ({ value: name, label: name })),
]
