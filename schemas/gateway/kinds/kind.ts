import type { Dialogue, Written } from '../wires/dialogue.ts'
import type { WireOut } from '../wires/index.ts'

/** What can be asked of a model; each has a wire of its own, which its callers speak. */
export type Operation = 'chat' | 'responses' | 'messages' | 'count_tokens' | 'completions' | 'embeddings'

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
  /** Below the base address. What stands here is passed on as it came; all else is said to it on its own wire. */
  paths: Partial<Record<Operation | WireOut, string>>
  /** The wire on which it is asked what was said on another one. */
  wire: WireOut
  /** Its body for what was said on another wire, and what of that it cannot be told. */
  write(dialogue: Dialogue): Written
  /** The name that the price book has for it; null where a model's own name decides. */
  prices: string | null
}
