import type { StateChange } from '#activities/gateway/relay/health.ts'
import { labelsOf, type Told } from './observe.ts'

/** The most that are told of. */
const most = 2_000

/** How models and keys of providers stood last, as this process has seen it. */
export class HealthSeen {
  readonly last = new Map<string, StateChange>()
  readonly left = new Map<string, { of: StateChange; times: number }>()

  see(change: StateChange): void {
    const name = JSON.stringify([change.tenant, change.provider, change.model, change.key])
    if (this.last.size >= most && !this.last.has(name)) return
    this.last.set(name, change)
    if (change.state !== 'open' && change.state !== 'resting') return
    const before = this.left.get(name)
    this.left.set(name, { of: change, times: (before?.times ?? 0) + 1 })
  }
}

/** As LiteLLM counts them: 0 well, 1 being tried, 2 left alone. */
const states: Record<StateChange['state'], number> = { closed: 0, half_open: 1, resting: 1, open: 2 }

const ofModel = ({ provider, model, tenant }: StateChange) => ({
  tenant,
  api_provider: provider,
  litellm_model_name: model,
})
const ofKey = ({ provider, model, key, tenant }: StateChange) => ({ tenant, provider, model, key_id: key ?? '' })

/** What is known of who is well. */
export function healthFigures({ last, left }: HealthSeen): Told[] {
  const [models, keys] = [[...last.values()].filter(({ key }) => key === null), [...last.values()].filter(isOfKey)]
  const times = [...left.values()]
  return [
    {
      name: 'litellm_deployment_state',
      help: 'Models of providers: 0 well, 1 being tried, 2 left alone.',
      type: 'gauge',
      values: models.map((one) => ({ labels: labelsOf(ofModel(one)), value: states[one.state] })),
    },
    {
      name: 'litellm_deployment_cooled_down_total',
      help: 'How often a model of a provider was left alone.',
      type: 'counter',
      values: times
        .filter(({ of }) => !isOfKey(of))
        .map(({ of, times: value }) => ({ labels: labelsOf(ofModel(of)), value })),
    },
    {
      name: 'bifrost_provider_key_up',
      help: 'Keys of providers: 1 well, 0 set aside.',
      type: 'gauge',
      values: keys.map((one) => ({ labels: labelsOf(ofKey(one)), value: one.state === 'closed' ? 1 : 0 })),
    },
    {
      name: 'bifrost_key_rotation_events_total',
      help: 'How often a key was set aside for another.',
      type: 'counter',
      values: times
        .filter(({ of }) => isOfKey(of))
        .map(({ of, times: value }) => ({ labels: labelsOf(ofKey(of)), value })),
    },
  ]
}

const isOfKey = ({ key }: StateChange): boolean => key !== null
