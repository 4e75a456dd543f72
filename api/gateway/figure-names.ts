import type { Series, SeriesLabels, Spread } from './series.ts'

type Labels = Readonly<Record<string, string>>
/** A figure that is counted up, or spread over buckets; `per`: what one of ours is in its unit. */
export type Named = Counted | Failed | Measured
type Name = { name: string; help: string }
type Counted = Name & { read: (series: Series) => number; labels: (of: SeriesLabels) => Labels }
export type Failed = Name & { byFailure: true; labels: (of: SeriesLabels, status: string, failure: string) => Labels }
export type Measured = Name & {
  spread: (series: Series) => Spread
  per: number
  labels: (of: SeriesLabels) => Labels
}

const inSeconds = 1 / 1_000
const inMicroseconds = 1_000
const usd = 1e-9

const ours = ({ tenant, key, asked, provider, model, operation }: SeriesLabels): Labels => ({
  tenant,
  key,
  asked,
  provider,
  model,
  operation,
})

/** As LiteLLM labels what it counts ("Prometheus metrics", 2026-10): dashboards made for it find what they look for. */
const litellm = ({ key, keyName, asked, model, kind }: SeriesLabels): Labels => ({
  hashed_api_key: key,
  api_key_alias: keyName,
  requested_model: asked,
  model,
  api_provider: kind,
  team: '',
  team_alias: '',
  user: '',
  end_user: '',
})
const litellmModel = ({ asked, model, kind }: SeriesLabels): Labels => ({
  requested_model: asked,
  litellm_model_name: model,
  api_provider: kind,
})

/** As Bifrost does ("Telemetry", 2.0). */
const bifrost = ({ key, keyName, asked, model, kind, operation, rule }: SeriesLabels): Labels => ({
  provider: kind,
  model,
  alias: asked,
  method: operation,
  virtual_key_id: key,
  virtual_key_name: keyName,
  routing_rule_name: rule,
})

const succeeded = ({ requests, failed }: Series) => requests - failed
const dollars = ({ nano }: Series) => nano * usd

/** What is counted of requests to models, under our own names and those that dashboards of other gateways ask for. */
export const figures: readonly Named[] = [
  { name: 'auterity_gateway_requests_total', help: 'Requests to models.', read: (of) => of.requests, labels: ours },
  {
    name: 'auterity_gateway_failures_total',
    help: 'Requests to models that were refused, failed or broke off, by status and kind of failure.',
    byFailure: true,
    labels: (of, status, failure) => ({ ...ours(of), status, failure }),
  },
  { name: 'auterity_gateway_cost_usd_total', help: 'What they cost, in US dollars.', read: dollars, labels: ours },
  {
    name: 'auterity_gateway_overhead_seconds',
    help: 'What of a request was not spent waiting for a provider.',
    spread: (of) => of.overhead,
    per: inSeconds,
    labels: ours,
  },
  {
    name: 'auterity_gateway_cache_hits_total',
    help: 'Requests that were answered from the response cache.',
    read: ({ cache }) => cache.exact + cache.semantic,
    labels: ours,
  },
  {
    name: 'auterity_gateway_cache_similar_hits_total',
    help: 'Of those, the ones whose question was nearly the same.',
    read: ({ cache }) => cache.semantic,
    labels: ours,
  },
  {
    name: 'auterity_gateway_cache_misses_total',
    help: 'Requests that were looked up in the response cache, and asked.',
    read: ({ cache }) => cache.miss,
    labels: ours,
  },
  {
    name: 'auterity_gateway_cache_saved_usd_total',
    help: 'What the requests that it answered would have cost, in US dollars.',
    read: ({ saved }) => saved * usd,
    labels: ours,
  },
  { name: 'litellm_spend_metric_total', help: 'Cost in US dollars.', read: dollars, labels: litellm },
  {
    name: 'litellm_input_tokens_metric_total',
    help: 'Tokens of prompts.',
    read: (of) => of.input,
    labels: litellm,
  },
  {
    name: 'litellm_output_tokens_metric_total',
    help: 'Tokens of answers.',
    read: (of) => of.output,
    labels: litellm,
  },
  {
    name: 'litellm_total_tokens_metric_total',
    help: 'Tokens of prompts and answers.',
    read: (of) => of.input + of.output,
    labels: litellm,
  },
  {
    name: 'litellm_proxy_total_requests_metric_total',
    help: 'Requests to models.',
    read: (of) => of.requests,
    labels: litellm,
  },
  {
    name: 'litellm_proxy_failed_requests_metric_total',
    help: 'Requests to models that failed.',
    byFailure: true,
    labels: (of, status, failure) => ({ ...litellm(of), exception_status: status, exception_class: failure }),
  },
  {
    name: 'litellm_deployment_successful_fallbacks_total',
    help: 'Requests that another answered than who was asked first.',
    read: (of) => of.fallbacks.ok,
    labels: litellmModel,
  },
  {
    name: 'litellm_deployment_failed_fallbacks_total',
    help: 'Requests that nobody answered though several were asked.',
    read: (of) => of.fallbacks.failed,
    labels: litellmModel,
  },
  {
    name: 'litellm_request_total_latency_metric',
    help: 'Time of a request in seconds.',
    spread: (of) => of.total,
    per: inSeconds,
    labels: litellm,
  },
  {
    name: 'litellm_overhead_latency_metric',
    help: 'What of it was not spent waiting for a provider, in seconds.',
    spread: (of) => of.overhead,
    per: inSeconds,
    labels: litellm,
  },
  {
    name: 'litellm_llm_api_latency_metric',
    help: 'What of it was spent waiting for a provider, in seconds.',
    spread: (of) => of.upstream,
    per: inSeconds,
    labels: litellm,
  },
  {
    name: 'litellm_llm_api_time_to_first_token_metric',
    help: 'Time to the first token of a stream, in seconds.',
    spread: (of) => of.firstToken,
    per: inSeconds,
    labels: litellm,
  },
  {
    name: 'bifrost_upstream_requests_total',
    help: 'Requests that a provider was asked.',
    read: (of) => of.retries.count,
    labels: bifrost,
  },
  {
    name: 'bifrost_success_requests_total',
    help: 'Requests that were answered.',
    read: succeeded,
    labels: bifrost,
  },
  {
    name: 'bifrost_error_requests_total',
    help: 'Requests that failed.',
    byFailure: true,
    labels: (of, status, failure) => ({ ...bifrost(of), status_code: status, error_type: failure }),
  },
  { name: 'bifrost_input_tokens_total', help: 'Tokens of prompts.', read: (of) => of.input, labels: bifrost },
  { name: 'bifrost_output_tokens_total', help: 'Tokens of answers.', read: (of) => of.output, labels: bifrost },
  { name: 'bifrost_cost_total', help: 'Cost in US dollars.', read: dollars, labels: bifrost },
  {
    name: 'bifrost_upstream_latency_seconds',
    help: 'Time spent waiting for a provider.',
    spread: (of) => of.upstream,
    per: inSeconds,
    labels: bifrost,
  },
  {
    name: 'bifrost_overhead_latency_microseconds',
    help: 'Time not spent waiting for a provider.',
    spread: (of) => of.overhead,
    per: inMicroseconds,
    labels: bifrost,
  },
  {
    name: 'bifrost_stream_first_token_latency_seconds',
    help: 'Time to the first token of a stream.',
    spread: (of) => of.firstToken,
    per: inSeconds,
    labels: bifrost,
  },
  {
    name: 'bifrost_stream_inter_token_latency_seconds',
    help: 'Mean time between the tokens of a stream, once for each stream.',
    spread: (of) => of.perToken,
    per: inSeconds,
    labels: bifrost,
  },
  {
    name: 'bifrost_request_retries',
    help: 'How often a request was asked again.',
    spread: (of) => of.retries,
    per: 1,
    labels: bifrost,
  },
]
