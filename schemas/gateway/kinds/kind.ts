/** What can be asked of a model, by the name that OpenAI's API has for it. */
export type Operation = 'chat' | 'embeddings'

/** What a failure means, whoever reports it: whether to try again, elsewhere, or not at all follows from it. */
export type FailureClass =
  | 'rate_limited'
  | 'overloaded'
  | 'server'
  | 'timeout'
  | 'unreachable'
  | 'cut'
  | 'auth'
  | 'not_found'
  | 'context_length'
  | 'content_policy'
  | 'bad_request'

/**
 * A kind of model provider: all that sets it apart is in its file, and the provider book, the form and the relay are
 * made from it.
 */
export type ProviderKind = {
  title: string
  about: string
  /** Where it is reached unless a provider says otherwise; null where each has to. */
  baseUrl: string | null
  key: 'needed' | 'optional' | 'none'
  /** The headers that name who asks. */
  headers(key: string | null): Record<string, string>
  /** Below the base address. */
  paths: Partial<Record<Operation, string>>
  /** The name that the price book has for it; null where a model's own name decides. */
  prices: string | null
  /** What an error means beyond its status, by its `code` or `type`. */
  failures: Readonly<Record<string, FailureClass>>
}
